using Azure;
using Azure.Data.Tables;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Storage;

public sealed class PartitionWriterTests(AzuriteFixture azurite)
{
    private static int _partitions;

    [Fact]
    public async Task A_change_that_storage_refuses_fails_alone()
    {
        await using var stores = await StoreInstances.StartAsync(azurite, instances: 1);
        var (writer, partition) = (stores.Instances[0].AccountWriter, NewPartition());
        var tooLarge = new string('x', 40_000);

        var changes = Enumerable.Range(0, 10).Select(n => writer.ApplyAsync(partition, view => Add(view, $"row{n}", n == 4 ? tooLarge : "small"), CancellationToken.None)).ToList();
        await Task.WhenAll(changes).ContinueWith(_ => { }, TestContext.Current.CancellationToken, TaskContinuationOptions.None, TaskScheduler.Default);

        Assert.All(changes.Where((_, n) => n != 4), change => Assert.True(change.IsCompletedSuccessfully));
        var refused = await Assert.ThrowsAnyAsync<RequestFailedException>(() => changes[4]);
        Assert.Equal(400, refused.Status);
        Assert.Equal(9, await CountAsync(stores, partition));
    }

    [Fact]
    public async Task A_change_that_throws_fails_alone_and_leaves_no_trace()
    {
        await using var stores = await StoreInstances.StartAsync(azurite, instances: 1);
        var (writer, partition) = (stores.Instances[0].AccountWriter, NewPartition());

        var good = writer.ApplyAsync(partition, view => Add(view, "good", "x"), CancellationToken.None);
        var bad = writer.ApplyAsync<bool>(partition, view => Add(view, "bad", "x") ? throw new InvalidOperationException("no") : false, CancellationToken.None);

        Assert.True(await good);
        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        Assert.Equal(1, await CountAsync(stores, partition));
    }

    [Fact]
    public async Task A_refusal_rests_on_rows_read_after_the_change_came_not_on_what_is_remembered()
    {
        await using var stores = await StoreInstances.StartAsync(azurite, instances: 2);
        var (here, elsewhere, partition) = (stores.Instances[0].AccountWriter, stores.Instances[1].AccountWriter, NewPartition());
        Assert.False(await here.ApplyAsync(partition, view => view.Get("door") is not null, CancellationToken.None));

        await elsewhere.ApplyAsync(partition, view => Add(view, "door", "open"), CancellationToken.None);

        Assert.True(await here.ApplyAsync(partition, view => view.Get("door") is not null, CancellationToken.None));
    }

    [Fact]
    public async Task A_row_that_was_thought_to_exist_is_asserted_by_the_transaction()
    {
        await using var stores = await StoreInstances.StartAsync(azurite, instances: 1);
        var (writer, partition) = (stores.Instances[0].AccountWriter, NewPartition());
        bool AddIfOwned(PartitionView view, string row) => view.ExistsLikely("owner") && Add(view, row, "x");

        Assert.False(await writer.ApplyAsync(partition, view => AddIfOwned(view, "one"), CancellationToken.None));
        await writer.ApplyAsync(partition, view => Add(view, "owner", "x"), CancellationToken.None);
        Assert.True(await writer.ApplyAsync(partition, view => AddIfOwned(view, "two"), CancellationToken.None));

        Assert.Equal(2, await CountAsync(stores, partition));
    }

    [Fact]
    public async Task What_one_transaction_adds_and_deletes_again_is_not_there()
    {
        await using var stores = await StoreInstances.StartAsync(azurite, instances: 1);
        var (writer, partition) = (stores.Instances[0].AccountWriter, NewPartition());
        await writer.ApplyAsync(partition, view => Add(view, "kept", "x"), CancellationToken.None);

        await writer.ApplyAsync(
            partition,
            view =>
            {
                var wasThere = view.Get("brief") is not null;
                view.Put(new TableEntity { RowKey = "brief" });
                view.Delete("brief");
                view.DeleteLikely("never was");
                view.DeleteLikely("kept");
                return wasThere;
            },
            CancellationToken.None);

        Assert.Equal(0, await CountAsync(stores, partition));
    }

    [Fact]
    public async Task More_changes_than_a_transaction_holds_are_committed_in_order()
    {
        await using var stores = await StoreInstances.StartAsync(azurite, instances: 1);
        var (writer, partition) = (stores.Instances[0].AccountWriter, NewPartition());

        var counts = await Task.WhenAll(Enumerable.Range(0, 250).Select(n => writer.ApplyAsync(
            partition,
            view =>
            {
                var counter = view.Get("counter") is { } row ? row.Copy() : new TableEntity { RowKey = "counter" };
                counter["Count"] = (counter.GetInt32("Count") ?? 0) + 1;
                view.Put(counter);
                return Add(view, $"row{n}", "x") ? counter.GetInt32("Count")!.Value : 0;
            },
            CancellationToken.None)));

        Assert.Equal(Enumerable.Range(1, 250), counts);
        Assert.Equal(251, await CountAsync(stores, partition));
        Assert.InRange(stores.Proxy.Count(RequestKind.Batch), 3, 10);
    }

    [Fact]
    public async Task Partitions_beyond_the_memory_limit_are_let_go_and_still_right()
    {
        await using var stores = await StoreInstances.StartAsync(azurite, instances: 1, cachedRows: 100);
        var writer = stores.Instances[0].AccountWriter;
        var partitions = Enumerable.Range(0, 300).Select(_ => NewPartition()).ToList();
        foreach (var round in new[] { "1", "2" })
        {
            // A slow store leaves outcomes unknown, and then a change runs once more.
            var rounds = await Task.WhenAll(partitions.Select(partition => writer.ApplyAsync(
                partition,
                view =>
                {
                    var row = view.Get("rounds")?.Copy() ?? new TableEntity { RowKey = "rounds" };
                    row["Seen"] = (row.GetString("Seen") ?? "").TrimEnd(round[0]) + round;
                    view.Put(row);
                    return row.GetString("Seen");
                },
                CancellationToken.None)));
            Assert.All(rounds, seen => Assert.Equal(round == "1" ? "1" : "12", seen));
        }

        Assert.InRange(partitions.Count(partition => writer.Peek(partition, "rounds") is not null), 0, 150);
    }

    [Fact]
    public async Task A_store_that_stays_away_is_reported_and_the_partition_works_again_afterwards()
    {
        await using var stores = await StoreInstances.StartAsync(azurite, instances: 1, retryMilliseconds: 0);
        var (writer, partition) = (stores.Instances[0].AccountWriter, NewPartition());
        Assert.True(await writer.ApplyAsync(partition, view => Add(view, "before", "x"), CancellationToken.None));
        stores.Proxy.ResetCounts();
        stores.Proxy.Plan = _ => Fault.Answer(503);

        var changes = Enumerable.Range(0, 400).Select(n => writer.ApplyAsync(partition, view => Add(view, $"lost{n}", "x"), CancellationToken.None)).ToList();
        foreach (var change in changes)
        {
            await Assert.ThrowsAnyAsync<RequestFailedException>(() => change);
        }

        // None of them waits for attempts of its own once the store is known to be away.
        Assert.InRange(stores.Proxy.Count(RequestKind.Batch), 1, 4);
        stores.Proxy.Plan = FaultPlans.None;

        Assert.True(await writer.ApplyAsync(partition, view => Add(view, "row", "x"), CancellationToken.None));
    }

    private static bool Add(PartitionView view, string rowKey, string value)
    {
        view.Insert(new TableEntity { RowKey = rowKey, ["Value"] = value });
        return true;
    }

    private static string NewPartition() => $"writer-{Interlocked.Increment(ref _partitions)}";

    private static async Task<int> CountAsync(StoreInstances stores, string partition)
    {
        var count = 0;
        await foreach (var _ in stores.Instances[0].Accounts.QueryAsync<TableEntity>(partition, TableClient.CreateQueryFilter($"PartitionKey eq {partition}")))
        {
            count++;
        }

        return count;
    }
}
