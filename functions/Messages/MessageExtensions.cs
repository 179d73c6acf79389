using Azure.Data.Tables;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>The extensions of a message as they are now.</summary>
/// <param name="Extensions">By Seq.</param>
/// <param name="Latest">Version of the whole.</param>
/// <param name="ClearSeq">All up to it are gone.</param>
public sealed record ExtensionState(IReadOnlyList<MessageExtension> Extensions, long Latest, long ClearSeq)
{
    /// <param name="rows">The head row, if there is one, and those of the pairs.</param>
    /// <param name="startSeq">Pairs from this version on, deleted ones too; 0 for all that are there.</param>
    internal static ExtensionState Of(List<TableEntity> rows, string headKey, long startSeq)
    {
        var head = rows.Find(row => row.RowKey == headKey);
        var cleared = head?.GetInt64("ClearSeq") ?? 0;
        var pairs = rows.Where(row => row.RowKey != headKey && row.GetInt64("Seq") > cleared && row.GetInt64("Seq") >= startSeq)
            .Where(row => startSeq > 0 || !ExtensionRows.IsDeleted(row));
        return new ExtensionState([.. pairs.Select(ExtensionRows.FromRow).OrderBy(pair => pair.Seq)], head?.GetInt64("Latest") ?? 0, cleared);
    }
}

/// <summary>Changes and reads what hangs on a message; see <see cref="ExtensionRows"/>.</summary>
public sealed class MessageExtensions(TableStore tables, ConversationCopies copies, TimeProvider time)
{
    /// <summary>Column of the sender's message: the latest version that its log tells of.</summary>
    private const string NotedColumn = "NotedExtension";

    /// <summary>Changes extensions, and notes it in the receiver's log.</summary>
    /// <returns>23002, 23003, 23004 or 10004 when nothing could be changed.</returns>
    public Task<Result<ExtensionOutcome>> ChangeAsync(
        AccountKey from, AccountKey to, MessageKey key, ExtensionOperation operation, IReadOnlyList<ExtensionItem> items, bool checksSeq)
    {
        var edit = new ExtensionEdit(operation, items, checksSeq, Guid.NewGuid().ToString("N"), time.GetUtcNow());
        var change = new ExtensionChange(from.Account, key, from == to, edit);
        return tables.AccountWriter.ApplyAsync(to.PartitionKey, change.Apply, CancellationToken.None);
    }

    /// <summary>Notes in the sender's log that extensions have changed.</summary>
    /// <returns>What the sender's devices shall hear; null when the sender does not have the message, or its log tells of it already.</returns>
    public Task<C2CEvent?> NoteAsync(AccountKey from, AccountKey to, MessageKey key, long latest) => copies.ApplyAsync(from, to.Account, copy =>
    {
        if (copy.Find(key, isOutgoing: true) is not { } message || message.GetInt64(NotedColumn) >= latest)
        {
            return null;
        }

        var noted = message.Copy();
        noted[NotedColumn] = latest;
        copy.Replace(message, noted);
        return copy.Append(new C2CEvent { Type = C2CEvent.Extension, MsgKey = key.ToString(), TargetSeq = message.GetInt64("Seq"), LatestSeq = latest });
    });

    /// <summary>Reads extensions from a version on; those that were deleted too, unless it is 0. 23002 or 23004 when the message has none.</summary>
    public async Task<Result<ExtensionState>> ReadAsync(AccountKey from, AccountKey to, MessageKey key, long startSeq, CancellationToken cancellation)
    {
        var message = await copies.ApplyAsync(to, from.Account, copy => copy.FindStored(key, isOutgoing: from == to));
        if (message is null || message.GetBoolean(StoredMessage.RecalledColumn) == true)
        {
            return ApiError.ExtensionOfNoMessage;
        }

        if (message.GetBoolean(StoredMessage.SupportsExtensionColumn) != true)
        {
            return ApiError.ExtensionNotSupported;
        }

        var head = ExtensionRows.Head(from.Account, key);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {to.PartitionKey} and RowKey ge {head} and RowKey lt {head + "}"}");
        var rows = new List<TableEntity>();
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(to.PartitionKey, filter, cancellationToken: cancellation))
        {
            rows.Add(row);
        }

        return ExtensionState.Of(rows, head, startSeq);
    }
}
