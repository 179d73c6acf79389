using System.Text.Json;
using Azure.Data.Tables;
using Parley.Messages;
using Parley.Storage;

namespace Parley.Privacy;

/// <summary>Takes what an account wrote out of other accounts' copies of conversations. Their devices hear that the messages were deleted.</summary>
internal sealed class ErasedConversations(TableStore tables, MessageChanges changes, EventDelivery events)
{
    private const int RowsAtOnce = 30;

    /// <summary>Erases the content of rows of a walk; those that have none any more are passed over.</summary>
    public async Task<ErasureProgress> EraseAsync(AccountKey account, IReadOnlyList<TableEntity> rows, ErasureProgress progress, CancellationToken cancellation)
    {
        foreach (var partition in rows.Where(row => row.RowKey[0] is 'm' or 'h' or 'x').GroupBy(row => row.PartitionKey))
        {
            if (AccountKey.FromPartitionKey(partition.Key) is not { } owner || owner == account)
            {
                continue;
            }

            foreach (var some in partition.Where(row => IsOf(row, progress.Until)).Chunk(RowsAtOnce))
            {
                var messages = some.Where(HasContent).Select(row => StoredMessage.FromRow(row).Key).ToList();
                await events.SendAsync(owner, messages.Count == 0 ? null : await changes.DeleteAsync(owner, account.Account, messages));
                await tables.AccountWriter.ApplyAsync(owner.PartitionKey, view => Clear(view, some), cancellation);
                progress = progress.Counting("Messages", some.Count(HasContent)).Counting("MessageExtensions", some.Count(row => row.RowKey[0] == 'x'));
            }
        }

        return progress;
    }

    // What the owner wrote is the owner's. A modification says what a message became; which message, says TargetSeq.
    private static bool IsOf(TableEntity row, long until) => row.RowKey[0] == 'x' || ConversationChange.IsChange(row)
        || ((row.GetInt64("SentTime") ?? 0) <= until && HasContent(row));

    private static bool HasContent(TableEntity row) => row.GetBoolean("Outgoing") != true && row.ContainsKey("MsgBody");

    // What its owner cannot see any more, because it is past its time or was cleared, no change finds; it goes here.
    private static bool Clear(PartitionView view, IReadOnlyList<TableEntity> rows)
    {
        foreach (var key in rows.Select(row => row.RowKey))
        {
            if (view.Get(key) is not { } row)
            {
                continue;
            }

            if (key[0] == 'x')
            {
                view.Delete(key);
            }
            else if (ConversationChange.IsChange(row))
            {
                ClearChange(view, row);
            }
            else if (HasContent(row))
            {
                view.Put(StoredMessage.Deleted(row));
            }
        }

        return true;
    }

    private static void ClearChange(PartitionView view, TableEntity row)
    {
        var change = JsonSerializer.Deserialize(row.GetString(ConversationChange.Column), ParleyJson.Wire.C2CEvent);
        if (change is not { MsgBody: not null } && change is not { CloudCustomData: not null })
        {
            return;
        }

        var message = change.TargetSeq is { } number ? view.Get(row.RowKey[..(row.RowKey.LastIndexOf('|') + 1)] + KeyText.Sequence(number)) : null;
        if (message?.GetBoolean("Outgoing") == true)
        {
            return;
        }

        var cleared = row.Copy();
        cleared[ConversationChange.Column] = JsonSerializer.Serialize(change with { MsgBody = null, CloudCustomData = null }, ParleyJson.Wire.C2CEvent);
        view.Put(cleared);
    }
}
