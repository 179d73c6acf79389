using Azure.Data.Tables;
using Parley.Groups.Live;
using Parley.Groups.Membership;
using Parley.Storage;

namespace Parley.Groups;

/// <summary>Rows of groups whose time is over long since: requests to join, mutes and bans.</summary>
/// <remarks>Whoever reads them passes over them anyway; they go so that a group does not keep one of everybody who ever asked, was muted or was banned.</remarks>
public sealed class ExpiredGroupRows(GroupStore groups) : ISweptRows
{
    private static readonly TimeSpan Slack = TimeSpan.FromDays(1);

    public string Table => TableNames.Groups;

    public IReadOnlyList<string> Columns { get; } = [];

    public string Filter(DateTimeOffset now)
    {
        var (asked, until) = ((now - JoinRequests.Validity - Slack).ToUnixTimeSeconds(), (now - Slack).ToUnixTimeSeconds());
        return TableClient.CreateQueryFilter(
            $"((RowKey ge 'j|' and RowKey lt 'j}}') or (RowKey ge 'v|' and RowKey lt 'v}}')) and AskedAt lt {asked}")
            + " or "
            + TableClient.CreateQueryFilter(
                $"((RowKey ge 'q|' and RowKey lt 'q}}') or (RowKey ge 'b|' and RowKey lt 'b}}') or (RowKey ge 't|' and RowKey lt 't}}')) and Until lt {until}");
    }

    public bool Has(string rowKey) => GroupKey.InnerRowKey(rowKey) is { Length: > 1 } inner && inner[1] == '|' && inner[0] is 'j' or 'v' or 'q' or 'b';

    public Task LookAtAsync(TableEntity row, CancellationToken cancellation) => GroupKey.OfRow(row.PartitionKey, row.RowKey) is var (key, rowKey)
        ? groups.ApplyAsync(key, group => Remove(group, rowKey), cancellation)
        : Task.CompletedTask;

    private static bool Remove(GroupPartition group, string rowKey)
    {
        var row = group.Rows.Get(rowKey);
        if (group.Head is not { } head || row is null || !IsOver(group, row))
        {
            return false;
        }

        group.Rows.Delete(rowKey);
        group.Put(head with
        {
            Mutes = head.Mutes - (rowKey.StartsWith(GroupMute.Prefix, StringComparison.Ordinal) ? 1 : 0),
            Bans = head.Bans - (rowKey.StartsWith(LiveBan.Prefix, StringComparison.Ordinal) ? 1 : 0),
        });
        return true;
    }

    private static bool IsOver(GroupPartition group, TableEntity row) => row.GetInt64("Until") is { } until
        ? until < group.NowSeconds
        : JoinRequest.FromRow(row).IsVoid(group.Now);
}
