using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>Groups, and topics, that nobody writes to, whose oldest messages or changes are past their time.</summary>
public sealed class IdleGroups(AppDirectory apps, GroupTrimming trimming) : ISweptRows
{
    // No app keeps messages for less than a day.
    private static readonly TimeSpan MinAge = TimeSpan.FromDays(1);

    public string Table => TableNames.Groups;

    public IReadOnlyList<string> Columns { get; } = ["FirstTime", "FirstChangeSeq", "FirstChangeTime", "ChangeSeq"];

    public string Filter(DateTimeOffset now)
    {
        var old = (now - MinAge).ToUnixTimeSeconds();
        return TableClient.CreateQueryFilter(
            $"(RowKey eq {GroupPartition.HeadRow} or (RowKey ge 't|' and RowKey lt 't}}')) and (FirstTime lt {old} or (FirstChangeTime gt 0L and FirstChangeTime lt {old}))");
    }

    public bool Has(string rowKey) => GroupKey.InnerRowKey(rowKey) == GroupPartition.HeadRow;

    public async Task LookAtAsync(TableEntity row, CancellationToken cancellation)
    {
        if (GroupKey.OfRow(row.PartitionKey, row.RowKey) is var (key, _) && await apps.FindAsync(key.SdkAppId, cancellation) is { } app
            && trimming.IsWorthIt(app, row.GetInt64("FirstTime"), row.GetInt64("FirstChangeSeq") <= row.GetInt64("ChangeSeq") ? row.GetInt64("FirstChangeTime") : null))
        {
            await trimming.TrimAsync(app, key, cancellation);
        }
    }
}
