using Azure.Data.Tables;
using Parley.Delivery;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Delivery;

public sealed class DeadLetterTableTests(AzuriteFixture azurite)
{
    // The longest job is 48 KB, a column gets 30,000 characters, and half a character is none.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(30_000, 0)]
    [InlineData(29_999, 4_000)]
    [InlineData(29_998, 4_000)]
    [InlineData(49_152, 0)]
    public async Task A_job_is_noted_as_a_whole_however_long(int letters, int faces)
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        var payload = new string('x', letters) + string.Concat(Enumerable.Repeat("😀", faces));
        var kind = $"noted-{Guid.NewGuid():N}";

        await app.Get<DeadLetterTable>().AddAsync(kind, 7, payload, 5, "reason", TestContext.Current.CancellationToken);

        var row = await app.Get<TableStore>().DeadLetters
            .QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {kind + "|7"}"), cancellationToken: TestContext.Current.CancellationToken)
            .SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(payload, DeadLetterTable.PayloadOf(row));
    }
}
