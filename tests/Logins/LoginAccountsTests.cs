using Azure.Data.Tables;
using Parley.Apps;
using Parley.Logins;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Logins;

/// <summary>What becomes of identities and accounts when a login breaks off, and when an account goes.</summary>
public sealed class LoginAccountsTests(AzuriteFixture azurite)
{
    private const int MostRequests = 40;

    private static readonly LoginProvider Provider = new() { Name = "corp", Kind = LoginProviderKind.OpenIdConnect, ClientId = "x", AccountPrefix = "corp-" };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_first_login_that_broke_off_at_any_request_is_finished_by_the_next_with_one_account(bool isCarriedOut)
    {
        for (var last = 1; last <= MostRequests; last++)
        {
            var identity = Identity($"broken-{isCarriedOut}-{last}");
            var finished = await TryBreakAsync(identity, last, isCarriedOut);

            await using var next = await StartAsync();
            var account = await LogInAsync(next, identity);

            Assert.Equal(account, await LogInAsync(next, identity));
            Assert.Equal(identity.AccountName(Provider.AccountPrefix, 0), account.Account);
            Assert.Equal(["a", $"l|{identity.Key}"], await RowsAsync(next, account));
            Assert.Empty(await RowsAsync(next, account with { Account = identity.AccountName(Provider.AccountPrefix, 1) }));
            if (finished)
            {
                Assert.True(last > 5, "The login made fewer requests than it has steps.");
                return;
            }
        }

        Assert.Fail("The login never came through.");
    }

    [Fact]
    public async Task Logins_through_several_instances_at_once_end_with_one_account()
    {
        var instances = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync()));
        var identity = Identity("several");

        var accounts = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => LogInAsync(instances[n % instances.Length], identity)));

        Assert.Single(accounts.Distinct());
        Assert.Empty(await RowsAsync(instances[0], accounts[0] with { Account = identity.AccountName(Provider.AccountPrefix, 1) }));
        foreach (var instance in instances)
        {
            await instance.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_account_that_is_deleted_takes_its_bindings_along()
    {
        await using var app = await StartAsync();
        var (first, second) = (Identity("deleted-1"), Identity("deleted-2"));
        var account = await LogInAsync(app, first);
        Assert.True(await app.Get<IdentityMarks>().AddAsync(account, second, TestContext.Current.CancellationToken));
        Assert.Equal(account, await app.Get<LoginTable>().BindAsync(second, account, TestContext.Current.CancellationToken));

        await app.Get<LoginTable>().RemoveAsync(account, TestContext.Current.CancellationToken);
        await app.Get<LoginTable>().RemoveAsync(account, TestContext.Current.CancellationToken);

        Assert.Null(await app.Get<LoginTable>().FindAsync(first, TestContext.Current.CancellationToken));
        Assert.Null(await app.Get<LoginTable>().FindAsync(second, TestContext.Current.CancellationToken));
        Assert.Equal(["a"], await RowsAsync(app, account));
    }

    [Fact]
    public async Task Whoever_gets_the_name_of_a_lost_account_does_not_get_its_identities()
    {
        await using var app = await StartAsync();
        var identity = Identity("stale");
        var mia = app.Key("stale-mia");
        await app.ImportAsync(mia.Account);
        await app.Get<IdentityMarks>().AddAsync(mia, identity, TestContext.Current.CancellationToken);
        await app.Get<LoginTable>().BindAsync(identity, mia, TestContext.Current.CancellationToken);
        Assert.Equal(mia, await LogInAsync(app, identity));

        // The partition goes, the row of table logins stays, as when a deletion breaks off; then the name is given anew.
        foreach (var row in await RowsAsync(app, mia))
        {
            await app.Get<TableStore>().Accounts.Shards[0].DeleteEntityAsync(mia.PartitionKey, row, cancellationToken: TestContext.Current.CancellationToken);
        }

        await using var later = await StartAsync();
        await later.ImportAsync(mia.Account);
        var account = await LogInAsync(later, identity);

        Assert.NotEqual(mia, account);
        Assert.Equal(account, await LogInAsync(later, identity));
        Assert.Equal(["a"], await RowsAsync(later, mia));
    }

    [Fact]
    public async Task A_binding_that_lost_a_race_takes_nothing_from_the_winner()
    {
        await using var app = await StartAsync();
        var identity = Identity("race");
        var accounts = Enumerable.Range(0, 6).Select(n => app.Key($"race-{n}")).ToList();
        await Task.WhenAll(accounts.Select(account => app.ImportAsync(account.Account)));
        await Task.WhenAll(accounts.Select(account => app.Get<IdentityMarks>().AddAsync(account, identity, TestContext.Current.CancellationToken)));

        var winners = await Task.WhenAll(accounts.Select(account => app.Get<LoginTable>().BindAsync(identity, account, TestContext.Current.CancellationToken)));

        var winner = Assert.Single(winners.Distinct());
        await Task.WhenAll(accounts.Where(account => account != winner)
            .Select(account => app.Get<LoginTable>().UnbindAsync(identity, account, TestContext.Current.CancellationToken)));
        Assert.Equal(winner, await LogInAsync(app, identity));
    }

    private static LoginIdentity Identity(string subject) => new(1400000001, Provider.Name, subject);

    private Task<AppInstance> StartAsync() => AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));

    private static async Task<AccountKey> LogInAsync(AppInstance app, LoginIdentity identity, CancellationToken? cancellation = null) =>
        (await app.Get<LoginAccounts>().FindOrMakeAsync(
            app.App, Provider, identity, _ => Task.FromResult(new LoginProfile("Mia", null)), cancellation ?? TestContext.Current.CancellationToken)).Value;

    /// <summary>Logs in on an instance that ends with its n-th request to storage, whose answer it does not see.</summary>
    /// <returns>True when the login needed fewer requests.</returns>
    private async Task<bool> TryBreakAsync(LoginIdentity identity, int last, bool isCarriedOut)
    {
        await using var app = await StartAsync();
        using var end = new CancellationTokenSource();
        var count = 0;
        app.Storage.Plan = _ =>
        {
            var number = Interlocked.Increment(ref count);
            if (number < last)
            {
                return Fault.None;
            }

            end.CancelAfter(TimeSpan.FromMilliseconds(50));
            return number == last && isCarriedOut ? Fault.DropAfter : Fault.DropBefore;
        };
        try
        {
            await LogInAsync(app, identity, end.Token);
            return count < last;
        }
        catch (Exception) when (end.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task<List<string>> RowsAsync(AppInstance app, AccountKey account) =>
        await app.Get<TableStore>().Accounts.QueryAsync<TableEntity>(account.PartitionKey, TableClient.CreateQueryFilter($"PartitionKey eq {account.PartitionKey}"))
            .Select(row => row.RowKey).ToListAsync();
}
