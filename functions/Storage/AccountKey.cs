using System.Globalization;

namespace Parley.Storage;

/// <summary>An account of an app, as storage and SignalR know it.</summary>
public readonly record struct AccountKey(uint SdkAppId, string Account)
{
    /// <summary>Partition of table <c>accounts</c>.</summary>
    public string PartitionKey => string.Create(CultureInfo.InvariantCulture, $"{SdkAppId}|{KeyText.Escape(Account)}");

    /// <summary>The SignalR user whose connections are the account's devices.</summary>
    public string SignalRUser => string.Create(CultureInfo.InvariantCulture, $"{SdkAppId}:{KeyText.Escape(Account)}");

    /// <summary>Reads a key back from <see cref="SignalRUser"/>; null when it is none.</summary>
    public static AccountKey? FromSignalRUser(string user) => Parse(user, ':');

    /// <summary>Reads a key back from <see cref="PartitionKey"/>; null when it is none.</summary>
    public static AccountKey? FromPartitionKey(string partitionKey) => Parse(partitionKey, '|');

    private static AccountKey? Parse(string text, char separator)
    {
        var split = text.IndexOf(separator, StringComparison.Ordinal);
        return split > 0 && uint.TryParse(text.AsSpan(0, split), NumberStyles.None, CultureInfo.InvariantCulture, out var app)
            ? new AccountKey(app, KeyText.Unescape(text[(split + 1)..]))
            : null;
    }
}
