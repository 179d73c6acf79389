using Azure.Data.Tables;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>What to do with a message's extensions.</summary>
public enum ExtensionOperation
{
    Set = 1,
    Delete = 2,
    Clear = 3,
}

/// <summary>One pair of a request.</summary>
/// <param name="Seq">The version that the caller knows; 0 for a pair that it believes new.</param>
public sealed record ExtensionItem(string Key, string Value, long Seq);

/// <summary>What became of one pair: it as it is now, and 23001 when the caller's version was old.</summary>
public sealed record ExtensionItemResult(int ErrorCode, MessageExtension Extension);

/// <summary>What became of a request.</summary>
/// <param name="Latest">Version of the whole; null when nothing was changed.</param>
public sealed record ExtensionOutcome(IReadOnlyList<ExtensionItemResult> Items, long? Latest, C2CEvent? Event);

/// <summary>One change of a message's extensions, as a pure function of the receiver's partition.</summary>
/// <param name="ChecksSeq">Whether a pair whose version the caller does not know is left alone.</param>
/// <param name="Attempt">Names the request, so that its own replay changes nothing more.</param>
internal sealed record ExtensionChange(
    string Sender, MessageKey Key, bool IsOutgoing, ExtensionOperation Operation, IReadOnlyList<ExtensionItem> Items, bool ChecksSeq, string Attempt, DateTimeOffset Now)
{
    private const string AttemptColumn = "Attempt";
    private const string ChangeSeqColumn = "ChangeSeq";
    private const int MostPairs = 300;
    private const int MostRows = 1_000;
    private const int MostChangesAMinute = 200;

    /// <summary>Makes the change; 23002, 23003, 23004 or 10004 when it cannot be made.</summary>
    public Result<ExtensionOutcome> Apply(PartitionView view)
    {
        var copy = new ConversationCopy(view, Sender, Now);
        var headKey = ExtensionRows.Head(Sender, Key);
        var known = view.Get(headKey);
        if (copy.FindStored(Key, IsOutgoing) is not { } message || message.GetBoolean(StoredMessage.RecalledColumn) == true)
        {
            return ApiError.ExtensionOfNoMessage;
        }

        if (message.GetBoolean(StoredMessage.SupportsExtensionColumn) != true)
        {
            return ApiError.ExtensionNotSupported;
        }

        if (known?.GetString(AttemptColumn) == Attempt)
        {
            return new ExtensionOutcome([.. Items.Select(item => Done(view, headKey, item))], known.GetInt64("Latest"), copy.FindChange(known.GetInt64(ChangeSeqColumn)));
        }

        var head = known?.Copy() ?? new TableEntity { RowKey = headKey };
        var rows = new List<TableEntity> { head };
        var results = Operation == ExtensionOperation.Clear ? Clear(head) : ChangeAll(view, head, rows);
        if (Operation != ExtensionOperation.Clear && rows.Count == 1)
        {
            return new ExtensionOutcome(results, null, null);
        }

        if (head.GetInt64("Pairs") > MostPairs || head.GetInt64("Rows") > MostRows)
        {
            return ApiError.ExtensionParameter.In("ExtensionList");
        }

        if (!CountChanges(head, Math.Max(1, results.Count)))
        {
            return ApiError.ExtensionTooOften;
        }

        // Not before all is decided: what has been put is committed.
        head[AttemptColumn] = Attempt;
        rows.ForEach(view.Put);

        // The same row again: its version guards what was read of it.
        copy.Replace(message, message.Copy());
        var latest = head.GetInt64("Latest") ?? 0;
        return new ExtensionOutcome(results, latest, copy.Append(
            new C2CEvent { Type = C2CEvent.Extension, MsgKey = Key.ToString(), TargetSeq = message.GetInt64("Seq"), LatestSeq = latest },
            (next, appended) =>
            {
                next[ExtensionTrimming.HeadColumn] = true;
                head[ChangeSeqColumn] = appended.Sequence;
            }));
    }

    // What this very request has made of a pair, when it is run again.
    private ExtensionItemResult Done(PartitionView view, string headKey, ExtensionItem item) => view.Get(ExtensionRows.Pair(headKey, item.Key)) switch
    {
        null => new ExtensionItemResult(0, new MessageExtension(item.Key, "", 0)),
        var row => new ExtensionItemResult(
            row.GetString(AttemptColumn) == Attempt || ExtensionRows.IsDeleted(row) ? 0 : ApiError.ExtensionConflict.Code, ExtensionRows.FromRow(row)),
    };

    private static List<ExtensionItemResult> Clear(TableEntity head)
    {
        var latest = (head.GetInt64("Latest") ?? 0) + 1;
        (head["Latest"], head["ClearSeq"], head["Pairs"]) = (latest, latest, 0L);
        return [];
    }

    private List<ExtensionItemResult> ChangeAll(PartitionView view, TableEntity head, List<TableEntity> rows)
    {
        var results = new List<ExtensionItemResult>();
        foreach (var (item, known) in Items.Select(item => (item, view.Get(ExtensionRows.Pair(head.RowKey, item.Key)))))
        {
            results.Add(Change(head, item, known, rows));
        }

        return results;
    }

    private ExtensionItemResult Change(TableEntity head, ExtensionItem item, TableEntity? known, List<TableEntity> rows)
    {
        var isThere = known is not null && !ExtensionRows.IsDeleted(known) && known.GetInt64("Seq") > (head.GetInt64("ClearSeq") ?? 0);
        var seq = isThere ? known!.GetInt64("Seq") ?? 0 : 0;
        if (ChecksSeq && item.Seq != seq)
        {
            return new ExtensionItemResult(ApiError.ExtensionConflict.Code, isThere ? ExtensionRows.FromRow(known!) : new MessageExtension(item.Key, "", 0));
        }

        if (Operation == ExtensionOperation.Delete && !isThere)
        {
            return new ExtensionItemResult(0, new MessageExtension(item.Key, "", 0));
        }

        var latest = (head.GetInt64("Latest") ?? 0) + 1;
        var isSet = Operation == ExtensionOperation.Set;
        head["Latest"] = latest;
        head["Rows"] = (head.GetInt64("Rows") ?? 0) + (known is null ? 1 : 0);
        head["Pairs"] = (head.GetInt64("Pairs") ?? 0) + (isSet ? 1 : 0) - (isThere ? 1 : 0);
        var row = new TableEntity
        {
            RowKey = ExtensionRows.Pair(head.RowKey, item.Key),
            ["Key"] = item.Key,
            ["Value"] = item.Value,
            ["Seq"] = latest,
            [AttemptColumn] = Attempt,
            ["Deleted"] = !isSet,
        };
        rows.Add(row);
        return new ExtensionItemResult(0, ExtensionRows.FromRow(row));
    }

    private bool CountChanges(TableEntity head, int changes)
    {
        var minute = Now.ToUnixTimeSeconds() / 60;
        var before = head.GetInt64("Minute") == minute ? head.GetInt64("MinuteChanges") ?? 0 : 0;
        (head["Minute"], head["MinuteChanges"]) = (minute, before + changes);
        return before + changes <= MostChangesAMinute;
    }
}
