using Parley.Connections.Guests;
using Parley.Storage;

namespace Parley.Groups.Live;

/// <summary>Who is in live rooms: an account with all its devices, or a guest, which is one connection.</summary>
/// <param name="Account">Null for a guest.</param>
public sealed record LiveListener(uint SdkAppId, string? Account, string ConnectionId)
{
    /// <summary>Partition of table <c>accounts</c>.</summary>
    public string PartitionKey => Account is null ? new GuestKey(SdkAppId, ConnectionId).PartitionKey : Key.PartitionKey;

    /// <summary>Of an account only.</summary>
    public AccountKey Key => new(SdkAppId, Account!);

    public static LiveListener Of(AccountKey account) => new(account.SdkAppId, account.Account, "");

    public static LiveListener Of(GuestKey guest) => new(guest.SdkAppId, null, guest.ConnectionId);

    /// <summary>Reads one back from <see cref="PartitionKey"/>; null when it is none.</summary>
    public static LiveListener? FromPartitionKey(string partitionKey) =>
        GuestKey.FromPartitionKey(partitionKey) is { } guest ? Of(guest)
        : AccountKey.FromPartitionKey(partitionKey) is { } account ? Of(account)
        : null;
}
