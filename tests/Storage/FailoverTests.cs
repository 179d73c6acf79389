using System.Globalization;
using Azure.Data.Tables;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Storage;

/// <summary>
/// What an unplanned failover of geo-redundant storage does: each partition comes back as it was at some moment, under instances that remember
/// what has been lost since. No emulator fails over, so its effect is made here, by putting older rows back under a running app.
/// </summary>
public sealed class FailoverTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task An_instance_goes_on_from_what_storage_has_and_not_from_what_it_remembers()
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        var (mia, jonas) = await ImportAsync(app, "failover");
        await SendAsync(app, mia, jonas, 1, 2, 3);
        var secondary = await ReadAsync(app, jonas);
        await SendAsync(app, mia, jonas, 4, 5);

        await PutBackAsync(app, jonas, secondary);
        await SendAsync(app, mia, jonas, 6);

        Assert.Equal(["1_1", "2_2", "3_3", "6_6"], await MessagesAsync(app, jonas, mia));
        Assert.Equal(["1_1", "2_2", "3_3", "4_4", "5_5", "6_6"], await MessagesAsync(app, mia, jonas));
    }

    [Fact]
    public async Task A_repeated_call_puts_back_the_copy_that_was_lost_and_no_other()
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        var (mia, jonas) = await ImportAsync(app, "lost-copy");
        await SendAsync(app, mia, jonas, 1);
        var secondary = await ReadAsync(app, jonas);
        await SendAsync(app, mia, jonas, 2);
        await PutBackAsync(app, jonas, secondary);

        await SendAsync(app, mia, jonas, 2, 2);

        Assert.Equal(["1_1", "2_2"], await MessagesAsync(app, jonas, mia));
        Assert.Equal(["1_1", "2_2"], await MessagesAsync(app, mia, jonas));
    }

    [Fact]
    public async Task An_account_that_was_lost_is_as_if_it_had_never_been()
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        var (mia, jonas) = await ImportAsync(app, "lost-account");
        await SendAsync(app, mia, jonas, 1);

        await PutBackAsync(app, jonas, []);

        await Assert.ThrowsAnyAsync<Exception>(() => SendAsync(app, mia, jonas, 2));
        Assert.Empty(await ReadAsync(app, jonas));
        await app.ImportAsync(jonas);
        await SendAsync(app, mia, jonas, 3);
        Assert.Equal(["3_3"], await MessagesAsync(app, jonas, mia));
    }

    private static async Task<(string Mia, string Jonas)> ImportAsync(AppInstance app, string prefix)
    {
        await app.ImportAsync($"{prefix}-mia");
        await app.ImportAsync($"{prefix}-jonas");
        return ($"{prefix}-mia", $"{prefix}-jonas");
    }

    private static async Task SendAsync(AppInstance app, string from, string to, params uint[] numbers)
    {
        foreach (var number in numbers)
        {
            await app.SendAsync(from, to, number);
        }
    }

    /// <summary>Sequence and random of the messages in one account's copy, in the order of the log, which has no gaps.</summary>
    private async Task<IReadOnlyList<string>> MessagesAsync(AppInstance app, string owner, string peer)
    {
        var rows = await ReadAsync(app, owner);
        var log = rows.Where(row => row.RowKey.StartsWith($"m|{peer}|", StringComparison.Ordinal)).Select(row => row.RowKey.Split('|')[2]).ToList();
        Assert.Equal(Enumerable.Range(1, log.Count).Select(seq => seq.ToString("D12", CultureInfo.InvariantCulture)), log);
        var names = rows.Where(row => row.RowKey.StartsWith($"k|{peer}|", StringComparison.Ordinal)).Select(row => row.RowKey.Split('|')[2][1..]).ToList();
        Assert.Equal(log.Count, names.Count);
        return names;
    }

    private async Task<IReadOnlyList<TableEntity>> ReadAsync(AppInstance app, string account)
    {
        var rows = new List<TableEntity>();
        await foreach (var row in (await TableAsync()).QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {app.Key(account).PartitionKey}")))
        {
            rows.Add(row);
        }

        return rows;
    }

    private async Task PutBackAsync(AppInstance app, string account, IReadOnlyList<TableEntity> rows)
    {
        var table = await TableAsync();
        await table.SubmitTransactionAsync((await ReadAsync(app, account)).Select(row => new TableTransactionAction(TableTransactionActionType.Delete, row)));
        if (rows.Count > 0)
        {
            await table.SubmitTransactionAsync(rows.Select(row => new TableTransactionAction(TableTransactionActionType.Add, row)));
        }
    }

    private async Task<TableClient> TableAsync() => new(await azurite.ConnectionStringAsync(), TableNames.Accounts);
}
