using Parley.Storage;

namespace Parley.Relationships;

/// <summary>
/// Rows of relationships in an account's partition of table <c>accounts</c>: head <c>f</c> (<see cref="RelationHead"/>), <c>f|{peer}</c>
/// (<see cref="RelationSide"/>) what the two are to each other, and <c>f!{peer}</c> (<see cref="RelationMarker"/>) that it may be changing there.
/// They stand together, so one query reads head, markers and rows, in that order.
/// </summary>
internal static class RelationRows
{
    public const string Head = "f";
    public const string MarkerPrefix = "f!";
    public const string PeerPrefix = "f|";

    public static string Marker(string peer) => MarkerPrefix + KeyText.Escape(peer);

    public static string Peer(string peer) => PeerPrefix + KeyText.Escape(peer);

    /// <summary>The peer of a row or marker.</summary>
    public static string PeerOf(string rowKey) => KeyText.Unescape(rowKey[PeerPrefix.Length..]);
}

/// <summary>
/// Two accounts. What they are to each other is decided in the partition of the one whose name comes first, their <see cref="Home"/>; the other's has a copy.
/// So of two changes at once there is always an earlier one.
/// </summary>
internal readonly record struct RelationPair(AccountKey Home, AccountKey Mirror)
{
    public static RelationPair Of(uint sdkAppId, string one, string other) => string.CompareOrdinal(one, other) < 0
        ? new RelationPair(new AccountKey(sdkAppId, one), new AccountKey(sdkAppId, other))
        : new RelationPair(new AccountKey(sdkAppId, other), new AccountKey(sdkAppId, one));
}
