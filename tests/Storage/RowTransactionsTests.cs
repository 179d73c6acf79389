using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Tests.Storage;

/// <summary>How changes of a partition are put into transactions.</summary>
public sealed class RowTransactionsTests
{
    [Fact]
    public void Small_rows_go_a_hundred_at_a_time_and_in_their_order()
    {
        var changes = Enumerable.Range(0, 250).Select(n => Put($"{n:D3}", "text")).ToList();

        var transactions = RowTransactions.Of(changes).ToList();

        Assert.Equal([100, 100, 50], transactions.Select(some => some.Count));
        Assert.Equal(changes, transactions.SelectMany(some => some));
        Assert.Empty(RowTransactions.Of([]));
    }

    [Theory]
    [InlineData(32_000)]
    [InlineData(400_000)]
    public void Large_rows_go_so_few_at_a_time_that_the_service_takes_them_whatever_language_they_are_in(int characters)
    {
        var changes = Enumerable.Range(0, 60).Select(n => Put($"{n:D3}", new string('长', characters))).ToList();

        var transactions = RowTransactions.Of(changes).ToList();

        // A character outside ASCII is written as an escape of six bytes; the service takes 4 MiB.
        Assert.All(transactions, some => Assert.True(some.Count * 6L * characters < 4 * 1024 * 1024, $"{some.Count} rows"));
        Assert.Equal(changes, transactions.SelectMany(some => some));
    }

    [Fact]
    public void A_row_that_is_larger_than_a_transaction_should_be_goes_alone()
    {
        var transactions = RowTransactions.Of([Put("1", "a"), Put("2", new string('x', 900_000)), Put("3", "b")]).ToList();

        Assert.Equal([1, 1, 1], transactions.Select(some => some.Count));
    }

    private static TableTransactionAction Put(string row, string text) =>
        new(TableTransactionActionType.UpsertReplace, new TableEntity("p", row) { ["Text"] = text });
}
