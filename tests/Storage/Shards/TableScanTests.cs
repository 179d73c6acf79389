using Azure;
using Azure.Data.Tables;
using Parley.Storage;
using Parley.Storage.Shards;
using Parley.Tests.Support;

namespace Parley.Tests.Storage.Shards;

/// <summary>Exports, erasures and the like rest on it: what a scan does not see is not exported, and not erased.</summary>
public sealed class TableScanTests(AzuriteFixture azurite)
{
    private const int Accounts = 60;

    private static readonly string AllRows = TableClient.CreateQueryFilter($"RowKey ge {"a"}");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scan_sees_each_row_of_all_storage_accounts_once_and_no_copies()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 3);
        var store = await FillAsync(stores);
        await stores.ReshardAsync(ShardBucket.AllApps, [0, 1, 2]);
        await store.Accounts.Shards[0].AddEntityAsync(new TableEntity(await ForeignAsync(store), "a"), Stop);

        var seen = new List<string>();
        string? place = null;
        do
        {
            var page = await FirstAsync((await stores.StartInstanceAsync()).Store, place);
            seen.AddRange(page.Values.Select(row => row.PartitionKey));
            place = page.ContinuationToken;
        }
        while (place is not null);

        Assert.All(await ShardedStores.AccountsInAsync(store), count => Assert.NotEqual(0, count));
        Assert.Equal(Partitions.Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_scan_fails_when_partitions_were_moved_since_it_began()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 2);
        var store = await FillAsync(stores);
        var begun = await FirstAsync(store, null);
        Assert.NotNull(begun.ContinuationToken);

        await stores.ReshardAsync(ShardBucket.AllApps, [0, 1]);

        var (later, _) = await stores.StartInstanceAsync();
        await Assert.ThrowsAsync<PartitionsMovedException>(() => FirstAsync(later, begun.ContinuationToken));
        Assert.Equal(Accounts, await later.WalkOf(TableNames.Accounts).QueryAsync(AllRows, cancellationToken: Stop).CountAsync(Stop));
    }

    [Fact]
    public async Task Its_last_page_is_not_given_out_when_a_move_has_begun_that_the_instance_does_not_know_of()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 2);
        var store = await FillAsync(stores);
        await FirstAsync(store, null);
        await BeginMoveAsync(stores, store);

        await Assert.ThrowsAsync<PartitionsMovedException>(async () => await store.WalkOf(TableNames.Accounts).QueryAsync(AllRows, cancellationToken: Stop).CountAsync(Stop));
    }

    [Fact]
    public async Task An_instance_whose_settings_lack_a_storage_account_scans_nothing()
    {
        await using var stores = await ShardedStores.StartAsync(azurite, accounts: 2);
        await FillAsync(stores);
        await stores.ReshardAsync(ShardBucket.AllApps, [0, 1]);

        var (lacking, _) = await stores.StartInstanceAsync(names: [stores.Names[0]]);

        var failure = await Assert.ThrowsAsync<RequestFailedException>(() => FirstAsync(lacking, null));
        Assert.Contains("storage account 1", failure.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Partitions => Enumerable.Range(0, Accounts).Select(n => new AccountKey(1400000001, $"scanned-{n}").PartitionKey);

    private static async Task<TableStore> FillAsync(ShardedStores stores)
    {
        var (store, _) = await stores.StartInstanceAsync();
        foreach (var partition in Partitions)
        {
            await store.SubmitAsync(TableNames.Accounts, partition, [new TableTransactionAction(TableTransactionActionType.UpsertReplace, new TableEntity(partition, "a"))], Stop);
        }

        return store;
    }

    private static async Task<Page<TableEntity>> FirstAsync(TableStore store, string? place)
    {
        await foreach (var page in store.WalkOf(TableNames.Accounts).QueryAsync(AllRows, maxPerPage: 7, cancellationToken: Stop).AsPages(place))
        {
            return page;
        }

        throw new InvalidOperationException("There is no page.");
    }

    private static async Task<string> ForeignAsync(TableStore store)
    {
        foreach (var partition in Partitions)
        {
            if (!await store.Accounts.IsHomeAsync(partition, 0, Stop))
            {
                return partition;
            }
        }

        throw new InvalidOperationException("All are at home in the primary account.");
    }

    private static async Task BeginMoveAsync(ShardedStores stores, TableStore store)
    {
        var maps = new ShardMapTable(store.Apps);
        var read = await maps.ReadAsync(Stop);
        var bucket = read.Map.BucketOf(Partitions.First());
        var map = (read.Map with { Accounts = stores.Names }).WithMoves([new ShardMove(bucket, 1, MovePhase.Leaving, read.Map.Version + 1)]);
        Assert.True(await maps.TrySaveAsync(read, map, Stop));
    }
}
