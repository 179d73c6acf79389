using Azure;
using Azure.Core;
using Azure.Data.Tables;

namespace Parley.Tests.Support;

public sealed class FaultProxyTests(AzuriteFixture azurite)
{
    private static readonly Func<ProxiedRequest, bool> Writes = request => request.IsWrite;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Signed_requests_and_transactions_pass_and_are_counted_by_kind()
    {
        await using var store = await StoreAsync();

        await store.Table.SubmitTransactionAsync([Add("a"), Add("b")], Cancellation);
        await store.Table.GetEntityAsync<TableEntity>("p", "a", cancellationToken: Cancellation);
        var found = await CountAsync(store.Table.QueryAsync<TableEntity>("PartitionKey eq 'p'", cancellationToken: Cancellation));

        Assert.Equal(2, found);
        Assert.Equal(1, store.Proxy.Count(RequestKind.Batch));
        Assert.Equal(1, store.Proxy.Count(RequestKind.Get));
        Assert.Equal(1, store.Proxy.Count(RequestKind.Query));
        Assert.Equal(0, store.Proxy.FaultCount);
    }

    [Theory]
    [InlineData(409, "EntityAlreadyExists")]
    [InlineData(412, "UpdateConditionNotSatisfied")]
    public async Task A_failed_condition_of_a_transaction_looks_like_the_services_own(int status, string code)
    {
        await using var store = await StoreAsync();
        store.Proxy.Plan = FaultPlans.Script(Writes, Fault.Answer(status));

        var error = await Assert.ThrowsAsync<TableTransactionFailedException>(() => store.Table.SubmitTransactionAsync([Add("a"), Add("b")], Cancellation));

        Assert.Equal((status, code, 0), (error.Status, error.ErrorCode, error.FailedTransactionActionIndex));
        Assert.Equal(0, await store.CountRowsAsync());
    }

    [Theory]
    [InlineData(409)]
    [InlineData(412)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task An_answered_fault_does_not_reach_the_server(int status)
    {
        await using var store = await StoreAsync();
        store.Proxy.Plan = FaultPlans.Script(Writes, Fault.Answer(status));

        var error = await Assert.ThrowsAsync<RequestFailedException>(() => store.Table.AddEntityAsync(Row("a"), Cancellation));

        Assert.Equal(status, error.Status);
        Assert.False(string.IsNullOrEmpty(error.ErrorCode));
        Assert.Equal(0, await store.CountRowsAsync());
    }

    [Fact]
    public async Task A_drop_before_leaves_nothing_and_a_drop_after_leaves_the_row()
    {
        await using var store = await StoreAsync();
        store.Proxy.Plan = FaultPlans.Script(Writes, Fault.DropBefore, Fault.DropAfter);

        var before = await Assert.ThrowsAsync<RequestFailedException>(() => store.Table.SubmitTransactionAsync([Add("a")], Cancellation));
        var rowsBefore = await store.CountRowsAsync();
        var after = await Assert.ThrowsAsync<RequestFailedException>(() => store.Table.SubmitTransactionAsync([Add("a")], Cancellation));

        Assert.Equal((0, 0), (before.Status, after.Status));
        Assert.Equal((0, 1), (rowsBefore, await store.CountRowsAsync()));
        Assert.Equal(2, store.Proxy.FaultCount);
    }

    [Fact]
    public async Task A_client_times_out_before_or_after_the_commit()
    {
        await using var store = await StoreAsync(TimeSpan.FromSeconds(1));
        store.Proxy.Plan = FaultPlans.Script(Writes, Fault.TimeOutBefore(TimeSpan.FromMinutes(1)), Fault.TimeOutAfter(TimeSpan.FromMinutes(1)));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.Table.AddEntityAsync(Row("a"), Cancellation));
        var rowsBefore = await store.CountRowsAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.Table.AddEntityAsync(Row("a"), Cancellation));

        Assert.Equal((0, 1), (rowsBefore, await store.CountRowsAsync()));
    }

    [Fact]
    public void The_same_seed_gives_the_same_faults_at_the_wanted_rate()
    {
        Fault[] faults = [Fault.Answer(412), Fault.DropAfter];
        var requests = Enumerable.Range(1, 10_000).Select(number => new ProxiedRequest(number, "POST", "/a/$batch", RequestKind.Batch)).ToList();

        var first = requests.ConvertAll(request => FaultPlans.Random(7, 0.2, faults)(request));
        var again = requests.ConvertAll(request => FaultPlans.Random(7, 0.2, faults)(request));
        var other = requests.ConvertAll(request => FaultPlans.Random(8, 0.2, faults)(request));

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.InRange(first.Count(fault => fault == faults[0]), 900, 1100);
        Assert.InRange(first.Count(fault => fault == faults[1]), 900, 1100);
    }

    private async Task<Store> StoreAsync(TimeSpan? networkTimeout = null)
    {
        var (proxy, endpoints) = await azurite.StartTableProxyAsync();
        var options = new TableClientOptions { Retry = { MaxRetries = 0, NetworkTimeout = networkTimeout ?? TimeSpan.FromSeconds(30), Mode = RetryMode.Fixed } };
        var name = azurite.NewName("proxied");
        var direct = new TableClient(await azurite.ConnectionStringAsync(), name);
        await direct.CreateAsync(Cancellation);
        return new Store(proxy, new TableClient(endpoints.ConnectionString, name, options), direct);
    }

    private static TableEntity Row(string key) => new("p", key) { ["Text"] = "x" };

    private static TableTransactionAction Add(string key) => new(TableTransactionActionType.Add, Row(key));

    private static async Task<int> CountAsync(AsyncPageable<TableEntity> rows)
    {
        var count = 0;
        await foreach (var row in rows)
        {
            count++;
        }

        return count;
    }

    /// <summary>A table, seen through the proxy and directly.</summary>
    private sealed record Store(FaultProxy Proxy, TableClient Table, TableClient Direct) : IAsyncDisposable
    {
        public Task<int> CountRowsAsync() => CountAsync(Direct.QueryAsync<TableEntity>(cancellationToken: Cancellation));

        public ValueTask DisposeAsync() => Proxy.DisposeAsync();
    }
}
