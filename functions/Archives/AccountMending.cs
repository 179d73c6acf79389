using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Conversations;
using Parley.Events;
using Parley.Messages;
using Parley.Relationships;
using Parley.Storage;
using GroupMembership = Parley.Groups.Membership.GroupMembership;

namespace Parley.Archives;

/// <summary>Puts the partition of an account right; see <see cref="ArchiveMending"/>.</summary>
public sealed class AccountMending(TableStore tables, RelationMending relations)
{
    private const int RowsAtOnce = 40;
    private const string MembershipCount = "g";

    /// <summary>Mends what late rows belong to; everything where it is not known which are.</summary>
    public async Task MendAsync(AccountKey account, IReadOnlyList<string>? late, CancellationToken cancellation)
    {
        // An account that was imported after its first row was read has no rows that anybody could use.
        if (await ReadAsync(account, AccountTable.AccountRow, cancellation) is null && await ReadAsync(account, AccountDeletion.MarkerRow, cancellation) is null)
        {
            await DeleteAsync(account, await ListAsync(account, "", "~", cancellation), cancellation);
            return;
        }

        late ??= (await ListAsync(account, "", "~", cancellation)).ConvertAll(row => row.RowKey);
        foreach (var peer in PartsOf(late, "c|", "m|", "k|"))
        {
            await MendConversationAsync(account, ConversationTable.Rows(peer), cancellation);
        }

        if (late.Any(row => row == EventTimeline.Rows.Head || row.StartsWith(EventTimeline.Rows.Entries, StringComparison.Ordinal)))
        {
            await MendEventsAsync(account, cancellation);
        }

        if (late.Any(row => row == ConversationSettings.HeadRow || row.StartsWith(ConversationSettings.RowPrefix, StringComparison.Ordinal)))
        {
            await MendSettingsAsync(account, cancellation);
        }

        if (late.Any(row => row == MembershipCount || row.StartsWith(GroupMembership.Prefix, StringComparison.Ordinal)))
        {
            await RecountMembershipsAsync(account, cancellation);
        }

        foreach (var peer in PartsOf(late, "f|", "f!"))
        {
            await relations.MendAsync(account, peer, cancellation);
        }
    }

    /// <summary>Takes out what came after the head was read, and counts what is unread.</summary>
    private async Task MendConversationAsync(AccountKey account, TimelineRows rows, CancellationToken cancellation)
    {
        if (await ReadAsync(account, rows.Head, cancellation) is not { } head)
        {
            await DeleteAsync(account, await ListAsync(account, rows.Entries, After(rows.Entries), cancellation), cancellation);
            await DeleteAsync(account, await ListAsync(account, rows.Identities, After(rows.Identities), cancellation), cancellation);
            return;
        }

        await CutAsync(account, rows, head, cancellation);
        var read = head.GetInt64("ReadSeq") ?? 0;
        var entries = await ListAsync(account, rows.Entries, rows.Entry((head.GetInt64("LastSeq") ?? 0) + 1), cancellation);
        var unread = entries.Count(row => row.GetBoolean(StoredMessage.UnreadColumn) == true && row.GetInt64("Seq") > read);
        await tables.AccountWriter.ApplyAsync(account.PartitionKey, view =>
        {
            if (view.Get(rows.Head) is not { } known)
            {
                return false;
            }

            var next = known.Copy();
            next["Unread"] = (long)unread;
            Timeline.BeginWith(next, entries.FirstOrDefault());
            if (unread != (known.GetInt64("Unread") ?? 0) || next.GetInt64("FirstSeq") != known.GetInt64("FirstSeq"))
            {
                view.Put(next);
            }

            return true;
        }, cancellation);
    }

    private async Task CutAsync(AccountKey account, TimelineRows rows, TableEntity head, CancellationToken cancellation)
    {
        var beyond = await ListAsync(account, rows.Entry((head.GetInt64("LastSeq") ?? 0) + 1), After(rows.Entries), cancellation);
        foreach (var some in beyond.OrderByDescending(row => row.RowKey).Chunk(RowsAtOnce))
        {
            await tables.AccountWriter.ApplyAsync(account.PartitionKey, view =>
            {
                foreach (var row in some)
                {
                    Timeline.Withdraw(view, rows, row);
                }

                return true;
            }, cancellation);
        }
    }

    private async Task MendEventsAsync(AccountKey account, CancellationToken cancellation)
    {
        var rows = EventTimeline.Rows;
        var last = (await ReadAsync(account, rows.Head, cancellation))?.GetInt64("LastSeq") ?? 0;
        await DeleteAsync(account, await ListAsync(account, rows.Entry(last + 1), After(rows.Entries), cancellation), cancellation);
    }

    private async Task MendSettingsAsync(AccountKey account, CancellationToken cancellation)
    {
        var settings = (await ListAsync(account, ConversationSettings.RowPrefix, After(ConversationSettings.RowPrefix), cancellation)).ConvertAll(ConversationSettings.FromRow);
        await tables.AccountWriter.ApplyAsync(account.PartitionKey, view =>
        {
            var head = SettingsHead.FromRow(view.Get(ConversationSettings.HeadRow));
            view.Put((head with
            {
                Version = Math.Max(head.Version, settings.Select(one => one.Version).DefaultIfEmpty().Max()),
                LastPlace = Math.Max(head.LastPlace, settings.Select(one => one.Place).DefaultIfEmpty().Max()),
                Pinned = settings.Count(one => one.IsPinned),
                Kept = settings.Count(one => one.IsKept),
            }).ToRow());
            return true;
        }, cancellation);
    }

    private async Task RecountMembershipsAsync(AccountKey account, CancellationToken cancellation)
    {
        var count = (await ListAsync(account, GroupMembership.Prefix, After(GroupMembership.Prefix), cancellation)).Count;
        await tables.AccountWriter.ApplyAsync(account.PartitionKey, view =>
        {
            view.Get(MembershipCount);
            view.Put(new TableEntity { RowKey = MembershipCount, ["Count"] = (long)count });
            return true;
        }, cancellation);
    }

    private async Task<TableEntity?> ReadAsync(AccountKey account, string rowKey, CancellationToken cancellation)
    {
        var row = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(account.PartitionKey, rowKey, cancellationToken: cancellation);
        return row.HasValue ? row.Value : null;
    }

    private async Task<List<TableEntity>> ListAsync(AccountKey account, string from, string to, CancellationToken cancellation)
    {
        var found = new List<TableEntity>();
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {account.PartitionKey} and RowKey ge {from} and RowKey lt {to}");
        await foreach (var row in tables.Accounts.QueryAsync<TableEntity>(account.PartitionKey, filter, cancellationToken: cancellation))
        {
            found.Add(row);
        }

        return found;
    }

    // Looked at first: this instance may take for absent what the restore has written.
    private async Task DeleteAsync(AccountKey account, List<TableEntity> rows, CancellationToken cancellation)
    {
        foreach (var some in rows.Select(row => row.RowKey).Chunk(RowsAtOnce))
        {
            await tables.AccountWriter.ApplyAsync(account.PartitionKey, view =>
            {
                foreach (var row in some.Where(row => view.Get(row) is not null))
                {
                    view.Delete(row);
                }

                return true;
            }, cancellation);
        }
    }

    private static string After(string prefix) => prefix[..^1] + (char)(prefix[^1] + 1);

    private static IEnumerable<string> PartsOf(IEnumerable<string> rows, params string[] prefixes) => rows
        .Where(row => Array.Exists(prefixes, prefix => row.StartsWith(prefix, StringComparison.Ordinal)))
        .Select(row => KeyText.Unescape(row[2..].Split('|')[0])).Distinct();
}
