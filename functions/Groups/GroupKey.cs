using System.Globalization;
using Parley.Storage;

namespace Parley.Groups;

/// <summary>A group of an app, as storage and SignalR know it.</summary>
public readonly record struct GroupKey(uint SdkAppId, string GroupId)
{
    /// <summary>Groups that a caller names are at most this long, in bytes of ASCII.</summary>
    public const int MaxBytes = 48;

    /// <summary>What the names begin with that we give.</summary>
    public const string AssignedPrefix = "@TGS#";

    /// <summary>What the names of communities begin with.</summary>
    public const string CommunityPrefix = "@TGS#_";

    /// <summary>Partition of table <c>groups</c>.</summary>
    public string PartitionKey => string.Create(CultureInfo.InvariantCulture, $"{SdkAppId}|{KeyText.Escape(GroupId)}");

    /// <summary>The SignalR group of the members' devices.</summary>
    /// <param name="epoch">Tells the group from an earlier one of the same name, whose members must hear nothing.</param>
    public string SignalRGroup(long epoch) => string.Create(CultureInfo.InvariantCulture, $"g:{KeyText.Escape(GroupId)}:{epoch}");

    /// <summary>Reads a key back from <see cref="PartitionKey"/>; null when it is none.</summary>
    public static GroupKey? FromPartitionKey(string partitionKey)
    {
        var split = partitionKey.IndexOf('|', StringComparison.Ordinal);
        return split > 0 && uint.TryParse(partitionKey.AsSpan(0, split), NumberStyles.None, CultureInfo.InvariantCulture, out var app)
            ? new GroupKey(app, KeyText.Unescape(partitionKey[(split + 1)..]))
            : null;
    }

    /// <summary>Whether a text can name a group: printable ASCII, not too long.</summary>
    /// <remarks>Source: API reference, groups §2.1.</remarks>
    public static bool IsValid(string text) => text.Length is > 0 and <= MaxBytes && text.All(c => c is >= ' ' and <= '~');
}
