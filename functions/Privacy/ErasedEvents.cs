using System.Text.Json;
using Azure.Data.Tables;
using Parley.Events;
using Parley.Groups.Membership;
using Parley.Relationships;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Privacy;

/// <summary>Takes what an account wrote out of other accounts' events: the wording of a request for friendship, the text of an application to a group.</summary>
internal sealed class ErasedEvents(TableStore tables)
{
    /// <summary>Erases texts from events of a walk; the events stay.</summary>
    public async Task<ErasureProgress> EraseAsync(AccountKey account, IReadOnlyList<TableEntity> rows, ErasureProgress progress, CancellationToken cancellation)
    {
        foreach (var row in rows.Where(row => row.RowKey.StartsWith(EventTimeline.Rows.Entries, StringComparison.Ordinal)))
        {
            if (row.GetInt64("Time") > progress.Until || Without(account.Account, StoredEvent.FromRow(row)) is null)
            {
                continue;
            }

            await tables.AccountWriter.ApplyAsync(row.PartitionKey, view => Erase(view, row.RowKey, account.Account), cancellation);
            progress = progress.Counting("Events", 1);
        }

        return progress;
    }

    private static bool Erase(PartitionView view, string rowKey, string account)
    {
        if (view.Get(rowKey) is not { } row || Without(account, StoredEvent.FromRow(row)) is not { } content)
        {
            return false;
        }

        var erased = row.Copy();
        erased[StoredEvent.ContentColumn] = content.Text;
        view.Put(erased);
        return true;
    }

    // Null when the event has no text of the account's.
    private static RawJson? Without(string account, StoredEvent happened) => happened.Type switch
    {
        RelationContent.EventType when JsonSerializer.Deserialize(happened.Content.Text, ParleyJson.Wire.RelationContent) is { ComeIn: { AddWording.Length: > 0 } request } relation
            && relation.PeerAccount == account =>
            new RawJson(JsonSerializer.Serialize(relation with { ComeIn = request with { AddWording = "" } }, ParleyJson.Wire.RelationContent)),
        GroupNotice.EventType when JsonSerializer.Deserialize(happened.Content.Text, ParleyJson.Wire.GroupNotice) is { Text.Length: > 0 } notice && notice.OperatorAccount == account =>
            new RawJson(JsonSerializer.Serialize(notice with { Text = null }, ParleyJson.Wire.GroupNotice)),
        _ => null,
    };
}
