using Azure.Data.Tables;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>The operator's command against a running environment with several storage accounts.</summary>
public sealed class ReshardTests
{
    [Fact]
    public async Task The_command_spreads_accounts_while_messages_are_sent_and_all_are_there_afterwards()
    {
        await using var environment = await LocalEnvironment.StartAsync(null, null, "--shards", "2");
        var accounts = new List<string>();
        for (var n = 0; n < 12; n++)
        {
            accounts.Add(await environment.ImportAsync("spread"));
        }

        Assert.Contains("1024", await RunAsync(environment), StringComparison.Ordinal);
        Assert.Contains("682 of 1024", await RunAsync(environment, "--plan", "--to", "0,1,2"), StringComparison.Ordinal);
        using var end = new CancellationTokenSource();
        var sending = SendAsync(environment, accounts, end.Token);
        var output = await RunAsync(environment, "--apply", "--to", "0,1,2", "--together", "1024");
        await end.CancelAsync();
        var sent = await sending;

        Assert.Contains("Nothing is under way.", output, StringComparison.Ordinal);
        var counts = new List<int>();
        foreach (var storage in environment.Settings.Shards!.Prepend(environment.Settings.Storage))
        {
            var rows = new TableClient(storage, TableNames.Accounts).QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"RowKey eq 'a'"), select: ["PartitionKey"], cancellationToken: TestContext.Current.CancellationToken);
            counts.Add(await rows.CountAsync(row => accounts.Exists(account => row.PartitionKey.EndsWith($"|{account}", StringComparison.Ordinal)), TestContext.Current.CancellationToken));
        }

        Assert.Equal(12, counts.Sum());
        Assert.All(counts, count => Assert.InRange(count, 0, 11));
        Assert.True(sent.Count > 12);
        foreach (var (from, to) in accounts.Zip(accounts.Skip(1)))
        {
            var answer = await environment.Api.CallAsync("openim", "admin_getroammsg", $$"""
                { "Operator_Account": "{{from}}", "Peer_Account": "{{to}}", "MaxCnt": 100, "MinTime": 0, "MaxTime": 4000000000 }
                """);
            Assert.Equal(sent.Count(pair => pair == (from, to)), answer.GetProperty("MsgCnt").GetInt32());
        }
    }

    private static async Task<List<(string From, string To)>> SendAsync(LocalEnvironment environment, List<string> accounts, CancellationToken stop)
    {
        var sent = new List<(string, string)>();
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            var (from, to) = (accounts[n % (accounts.Count - 1)], accounts[(n % (accounts.Count - 1)) + 1]);
            await Eventually.GetAsync("accepted", async () => await TrySendAsync(environment, from, to, n), LocalProgram.Patience);
            sent.Add((from, to));
            await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
        }

        return sent;
    }

    // A call whose outcome is unknown is repeated as it was.
    private static async Task<bool> TrySendAsync(LocalEnvironment environment, string from, string to, int number)
    {
        var answer = await environment.Api.CallAsync("openim", "sendmsg", $$"""
            { "From_Account": "{{from}}", "To_Account": "{{to}}", "MsgSeq": {{number}}, "MsgRandom": {{number}},
              "MsgBody": [ { "MsgType": "TIMTextElem", "MsgContent": { "Text": "{{number}}" } } ] }
            """);
        return answer.GetProperty("ErrorCode").GetInt32() == 0;
    }

    private static async Task<string> RunAsync(LocalEnvironment environment, params string[] arguments)
    {
        await using var program = LocalProgram.Start(["reshard", "--data", environment.Data.Path, .. arguments]);
        Assert.Equal(0, await program.WaitForExitAsync());
        return program.AllOutput;
    }
}
