using System.Collections.Concurrent;
using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>The promise: what was acknowledged is there, once, whatever happens to the handler.</summary>
public sealed class HandlerKillTests
{
    private const int Senders = 8;
    private const int MessagesEach = 60;
    private const int Kills = 2;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task Killing_the_handler_under_load_loses_no_acknowledged_message_and_duplicates_none()
    {
        await using var environment = await LocalEnvironment.StartAsync(options: ["--max-crashes", "20"]);
        var accounts = Enumerable.Range(0, Senders).Select(n => $"sender-{n}").ToArray();
        await environment.Api.ImportAsync([.. accounts, "receiver"]);
        using var deadline = new CancellationTokenSource(Deadline);
        var acknowledged = new ConcurrentDictionary<string, string>();
        var failures = 0;

        var load = Task.WhenAll(accounts.Select(account => SendAllAsync(environment, account, acknowledged, () => Interlocked.Increment(ref failures), deadline.Token)));
        for (var kill = 1; kill <= Kills; kill++)
        {
            var threshold = Senders * MessagesEach * kill / (Kills + 1);
            await Eventually.TrueAsync($"{threshold} acknowledged messages", () => acknowledged.Count >= threshold || load.IsCompleted, Deadline);
            Assert.False(load.IsCompleted, "The load was over before the handler could be killed in the middle of it.");
            await environment.WaitForHandlerAsync(await environment.KillHandlerAsync());
        }

        await load;

        Assert.Equal(Senders * MessagesEach, acknowledged.Count);
        Assert.True(failures > 0, "No call was under way when the handler was killed: the test showed nothing.");
        foreach (var account in accounts)
        {
            var expected = Enumerable.Range(1, MessagesEach).Select(n => Name(account, n)).ToList();
            foreach (var (owner, peer) in new[] { ("receiver", account), (account, "receiver") })
            {
                var history = await environment.HistoryAsync(owner, peer);
                Assert.Equal(expected, Messages.TextsOf(history));
                Assert.Equal(expected.Select(name => acknowledged[name]), history.Select(message => message.GetProperty("MsgKey").GetString()));
            }
        }
    }

    // One message after the other, each repeated until it is acknowledged, as a careful backend does.
    private static async Task SendAllAsync(
        LocalEnvironment environment, string account, ConcurrentDictionary<string, string> acknowledged, Action onFailure, CancellationToken deadline)
    {
        for (var n = 1; n <= MessagesEach; n++)
        {
            var body = Messages.Text(account, "receiver", Name(account, n), (uint)n, (uint)n);
            while (!acknowledged.ContainsKey(Name(account, n)))
            {
                deadline.ThrowIfCancellationRequested();
                try
                {
                    var answer = await environment.Api.CallAsync("openim", "sendmsg", body.ToJsonString());
                    if (answer.GetProperty("ErrorCode").GetInt32() == 0)
                    {
                        acknowledged[Name(account, n)] = answer.GetProperty("MsgKey").GetString()!;
                        continue;
                    }
                }
                catch (Exception e) when (e is HttpRequestException or JsonException)
                {
                    // The handler died, or is not back yet.
                }

                onFailure();
                await Task.Delay(50, deadline);
            }
        }
    }

    private static string Name(string account, int n) => $"{account} {n}";
}
