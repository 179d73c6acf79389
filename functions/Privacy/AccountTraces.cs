using System.Runtime.CompilerServices;
using Azure.Data.Tables;
using Parley.Archives;
using Parley.Groups;
using Parley.Groups.Live;
using Parley.Storage;

namespace Parley.Privacy;

/// <summary>Finds what an account has left outside of its own partition, by a walk through the app's rows; the service looks through all of them and answers these only.</summary>
internal sealed class AccountTraces(TableStore tables)
{
    /// <summary>Rows of groups and topics: what the account said there, that it is a member or has asked to be, mutes and bans.</summary>
    public IAsyncEnumerable<Azure.Page<TableEntity>> InGroupsAsync(AccountKey account, string? continuation, CancellationToken cancellation)
    {
        var (member, mute, ban, name) = (GroupMember.RowKeyOf(account.Account), GroupMute.RowKeyOf(account.Account), LiveBan.RowKeyOf(account.Account), account.Account);
        var (asks, invited) = ($"j|{KeyText.Escape(account.Account)}", $"v|{KeyText.Escape(account.Account)}");
        var rows = TableClient.CreateQueryFilter($"From eq {name} or RowKey eq {member} or RowKey eq {mute} or RowKey eq {ban} or RowKey eq {asks} or RowKey eq {invited} or Account eq {name}");
        return ScanAsync(account.SdkAppId, TableNames.Groups, rows, continuation, cancellation);
    }

    /// <summary>Rows of other accounts: their copies of conversations with the account, what hangs on messages, and all their events.</summary>
    public IAsyncEnumerable<Azure.Page<TableEntity>> InAccountsAsync(AccountKey account, string? continuation, CancellationToken cancellation)
    {
        var name = KeyText.Escape(account.Account);
        var ranges = ((string[])["m", "h", "x"]).Select(kind => (From: $"{kind}|{name}|", To: $"{kind}|{name}}}"));
        // Events name accounts inside of them.
        ranges = ranges.Append(("e|", "e}"));
        var rows = string.Join(" or ", ranges.Select(range => TableClient.CreateQueryFilter($"(RowKey ge {range.From} and RowKey lt {range.To})")));
        return ScanAsync(account.SdkAppId, TableNames.Accounts, rows, continuation, cancellation);
    }

    private async IAsyncEnumerable<Azure.Page<TableEntity>> ScanAsync(
        uint app, string table, string rows, string? continuation, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // The first range of a table holds its accounts or groups; the others only list them.
        var range = AppRows.Of(app).First(range => range.Table == table);
        await foreach (var page in tables.WalkOf(table).QueryAsync($"({range.Filter}) and ({rows})", cancellationToken: cancellation).AsPages(continuation))
        {
            yield return page;
        }
    }
}
