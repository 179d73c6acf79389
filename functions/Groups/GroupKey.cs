using System.Globalization;
using System.Security.Cryptography;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups;

/// <summary>A group of an app, or a topic of a community, as storage and SignalR know it.</summary>
/// <remarks>A topic is named by its community and a name of its own, <c>@TGS#_city@TOPIC#_food</c>; it lives in the partition of its community.</remarks>
/// <param name="GroupId">Of a topic, its own whole name.</param>
public readonly record struct GroupKey(uint SdkAppId, string GroupId)
{
    /// <summary>Groups that a caller names are at most this long, in bytes of ASCII.</summary>
    public const int MaxBytes = 48;

    /// <summary>What the names begin with that we give.</summary>
    public const string AssignedPrefix = "@TGS#";

    /// <summary>What the names of communities begin with.</summary>
    public const string CommunityPrefix = "@TGS#_";

    /// <summary>What stands between the name of a community and that of its topic.</summary>
    public const string TopicMark = "@TOPIC#_";

    /// <summary>Names of topics are at most this long, in bytes of ASCII.</summary>
    public const int MaxTopicBytes = 96;

    /// <summary>What the row keys of all topics begin with.</summary>
    public const string TopicPrefix = "t|";

    private int MarkAt => GroupId.StartsWith(CommunityPrefix, StringComparison.Ordinal) ? GroupId.IndexOf(TopicMark, StringComparison.Ordinal) : -1;

    /// <summary>Itself; of a topic, its community.</summary>
    public GroupKey Group => MarkAt is >= 0 and var mark ? new GroupKey(SdkAppId, GroupId[..mark]) : this;

    /// <summary>Its whole name; null of what is no topic.</summary>
    public string? TopicId => MarkAt >= 0 ? GroupId : null;

    /// <summary>What its row keys begin with: nothing but for topics.</summary>
    public string RowPrefix => MarkAt is >= 0 and var mark ? $"{TopicPrefix}{KeyText.Escape(GroupId[(mark + TopicMark.Length)..])}|" : "";

    /// <summary>Partition of table <c>groups</c>.</summary>
    public string PartitionKey => string.Create(CultureInfo.InvariantCulture, $"{SdkAppId}|{KeyText.Escape(Group.GroupId)}");

    /// <summary>Answered where there is none: 10010, of a topic 110003, also where its community is gone (our choice).</summary>
    public ApiError NotFound => TopicId is null ? ApiError.GroupNotFound : ApiError.TopicNotFound;

    /// <summary>The SignalR group of the members' devices; all of a community's hear its topics.</summary>
    /// <param name="epoch">Of the group, or the community: tells it from an earlier one of the same name, whose members must hear nothing.</param>
    public string SignalRGroup(long epoch) => string.Create(CultureInfo.InvariantCulture, $"g:{KeyText.Escape(Group.GroupId)}:{epoch}");

    /// <summary>A topic of this community.</summary>
    /// <param name="name">Its own name, behind <see cref="TopicMark"/>.</param>
    public GroupKey Topic(string name) => this with { GroupId = GroupId + TopicMark + name };

    /// <summary>What a name that we give ends with: letters and digits that are not taken for one another.</summary>
    public static string NewLetters() => RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 10);

    /// <summary>Reads a key back from <see cref="PartitionKey"/>; null when it is none.</summary>
    public static GroupKey? FromPartitionKey(string partitionKey)
    {
        var split = partitionKey.IndexOf('|', StringComparison.Ordinal);
        return split > 0 && uint.TryParse(partitionKey.AsSpan(0, split), NumberStyles.None, CultureInfo.InvariantCulture, out var app)
            ? new GroupKey(app, KeyText.Unescape(partitionKey[(split + 1)..]))
            : null;
    }

    /// <summary>To which group or topic a row of table <c>groups</c> belongs, and its key there; null when the partition is none of a group.</summary>
    public static (GroupKey Key, string RowKey)? OfRow(string partitionKey, string rowKey)
    {
        if (FromPartitionKey(partitionKey) is not { } group)
        {
            return null;
        }

        var end = EndOfTopic(rowKey);
        return end < 0 ? (group, rowKey) : (group.Topic(KeyText.Unescape(rowKey[TopicPrefix.Length..end])), rowKey[(end + 1)..]);
    }

    /// <summary>A row's key in its group or topic.</summary>
    public static string InnerRowKey(string rowKey) => EndOfTopic(rowKey) is >= 0 and var end ? rowKey[(end + 1)..] : rowKey;

    /// <summary>Whether a text can name a group: printable ASCII, not too long, and not the name of a topic.</summary>
    /// <remarks>Source: API reference, groups §2.1.</remarks>
    public static bool IsValid(string text) => text.Length is > 0 and <= MaxBytes && IsPrintable(text) && new GroupKey(0, text).TopicId is null;

    /// <summary>Whether a text can name a topic of a group: the group's name, <see cref="TopicMark"/> and a name of its own.</summary>
    public static bool IsTopicOf(string groupId, string text) =>
        text.Length <= MaxTopicBytes && IsPrintable(text) && new GroupKey(0, text) is { TopicId: not null } key && key.Group.GroupId == groupId
        && text.Length > groupId.Length + TopicMark.Length;

    // The record's own would go on for ever: a group is its own group.
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{SdkAppId}|{GroupId}");

    private static int EndOfTopic(string rowKey) => rowKey.StartsWith(TopicPrefix, StringComparison.Ordinal) ? rowKey.IndexOf('|', TopicPrefix.Length) : -1;

    private static bool IsPrintable(string text) => text.All(c => c is >= ' ' and <= '~');
}
