using Azure;
using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>A conversation as its owner's list shows it.</summary>
/// <param name="Epoch">Tells it from an earlier conversation with the same peer, whose numbers it may have again.</param>
/// <param name="LastSeq">Number of the last entry of its log.</param>
/// <param name="FirstSeq">Number of the first entry that is kept.</param>
/// <param name="LastTime">Unix seconds; time of the last entry.</param>
/// <param name="ShownTime">Unix seconds; time of the last message that moves the list, 0 when there was none.</param>
/// <param name="ReadSeq">Everything up to it is read.</param>
/// <param name="ClearedSeq">Everything before it was deleted by its owner.</param>
/// <param name="IsHidden">Deleted from the list until the next message.</param>
public sealed record ConversationSummary(
    string Peer, long Epoch, long LastSeq, long FirstSeq, long LastTime, long ShownTime, long Unread, long ReadSeq, long ClearedSeq, bool IsHidden)
{
    /// <summary>When anything of it last changed, by the storage's clock.</summary>
    public DateTimeOffset ModifiedAt { get; private init; }

    public static ConversationSummary FromRow(TableEntity head) => new(
        ConversationTable.PeerOfHead(head.RowKey),
        head.GetInt64("Epoch") ?? 0,
        head.GetInt64("LastSeq") ?? 0,
        Math.Max(head.GetInt64("FirstSeq") ?? 1, head.GetInt64("ClearedSeq") ?? 1),
        head.GetInt64("LastTime") ?? 0,
        head.GetInt64("ShownTime") ?? 0,
        head.GetInt64("Unread") ?? 0,
        head.GetInt64("ReadSeq") ?? 0,
        head.GetInt64("ClearedSeq") ?? 0,
        head.GetBoolean("Hidden") ?? false)
    {
        ModifiedAt = head.Timestamp ?? DateTimeOffset.MinValue,
    };
}

/// <summary>Reads the conversations of an account.</summary>
public sealed class ConversationList(TableStore tables, UnreadExpiry expiry)
{
    /// <summary>Reads all conversations, or those whose log has grown since a time.</summary>
    /// <param name="since">Unix seconds.</param>
    public async Task<IReadOnlyList<ConversationSummary>> ReadAsync(AccountKey owner, long since, CancellationToken cancellation)
    {
        var conversations = new List<ConversationSummary>();
        await foreach (var head in QueryAsync(owner, since, cancellation))
        {
            conversations.Add(await SettleAsync(owner, head, cancellation));
        }

        return conversations;
    }

    /// <summary>Reads all conversations for those who do not look at unread counts, which may be too high.</summary>
    public async Task<IReadOnlyList<ConversationSummary>> ReadUnsettledAsync(AccountKey owner, CancellationToken cancellation)
    {
        var conversations = new List<ConversationSummary>();
        await foreach (var head in QueryAsync(owner, 0, cancellation))
        {
            conversations.Add(ConversationSummary.FromRow(head));
        }

        return conversations;
    }

    /// <summary>Reads one conversation; null when there is none.</summary>
    public async Task<ConversationSummary?> FindAsync(AccountKey owner, string peer, CancellationToken cancellation)
    {
        var head = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(owner.PartitionKey, ConversationTable.Rows(peer).Head, cancellationToken: cancellation);
        return head.HasValue ? await SettleAsync(owner, head.Value!, cancellation) : null;
    }

    private AsyncPageable<TableEntity> QueryAsync(AccountKey owner, long since, CancellationToken cancellation) => tables.Accounts.QueryAsync<TableEntity>(
        owner.PartitionKey, TableClient.CreateQueryFilter($"PartitionKey eq {owner.PartitionKey} and RowKey ge 'c|' and RowKey lt 'c}}' and GrownAt ge {since}"),
        cancellationToken: cancellation);

    private async Task<ConversationSummary> SettleAsync(AccountKey owner, TableEntity head, CancellationToken cancellation)
    {
        var summary = ConversationSummary.FromRow(head);
        if (!expiry.IsDue(head))
        {
            return summary;
        }

        await expiry.SettleAsync(owner, summary.Peer, summary.ReadSeq, summary.LastSeq, cancellation);
        var settled = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(owner.PartitionKey, head.RowKey, cancellationToken: cancellation);
        return settled.HasValue ? ConversationSummary.FromRow(settled.Value!) : summary;
    }
}
