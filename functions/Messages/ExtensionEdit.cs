using Azure.Data.Tables;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>What an edit made of a message's pairs.</summary>
/// <param name="Latest">Version of the whole; null when nothing was changed.</param>
/// <param name="Head">The head row as it was put, so that the log's number can be noted in it; null when nothing was put.</param>
/// <param name="NotedAt">For the edit's own replay: the number that the log gave it.</param>
internal sealed record ExtensionEdited(IReadOnlyList<ExtensionItemResult> Items, long? Latest, TableEntity? Head, long? NotedAt);

/// <summary>One change of the pairs that hang on a message, one-to-one or of a group, as a pure function of the partition that keeps them.</summary>
/// <param name="ChecksSeq">Whether a pair whose version the caller does not know is left alone.</param>
/// <param name="Attempt">Names the request, so that its own replay changes nothing more.</param>
internal sealed record ExtensionEdit(ExtensionOperation Operation, IReadOnlyList<ExtensionItem> Items, bool ChecksSeq, string Attempt, DateTimeOffset Now)
{
    private const string AttemptColumn = "Attempt";
    private const string ChangeSeqColumn = "ChangeSeq";
    private const int MostPairs = 300;
    private const int MostRows = 1_000;
    private const int MostChangesAMinute = 200;

    /// <summary>Notes the number that the log gave an edit.</summary>
    public static void NoteAt(TableEntity head, long sequence) => head[ChangeSeqColumn] = sequence;

    /// <summary>Makes the change; 23003 or 10004 when it cannot be made.</summary>
    /// <param name="headKey">Where the message's pairs begin; see <see cref="ExtensionRows"/>.</param>
    /// <param name="known">The head row as read; null when there is none.</param>
    public Result<ExtensionEdited> Apply(PartitionView view, string headKey, TableEntity? known)
    {
        if (known?.GetString(AttemptColumn) == Attempt)
        {
            return new ExtensionEdited([.. Items.Select(item => Done(view, headKey, item))], known.GetInt64("Latest"), null, known.GetInt64(ChangeSeqColumn));
        }

        var head = known?.Copy() ?? new TableEntity { RowKey = headKey };
        var rows = new List<TableEntity> { head };
        var results = Operation == ExtensionOperation.Clear ? Clear(head) : ChangeAll(view, head, rows);
        if (Operation != ExtensionOperation.Clear && rows.Count == 1)
        {
            return new ExtensionEdited(results, null, null, null);
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
        return new ExtensionEdited(results, head.GetInt64("Latest") ?? 0, head, null);
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
