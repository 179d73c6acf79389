namespace Parley.Tests.Support;

/// <summary>
/// A device of an account on a bad line: an official client's connection whose events are lost, doubled and shuffled before they reach the
/// device, which keeps its conversations by the client protocol and pulls what it lacks.
/// </summary>
public sealed class Device(ApiClient api, string account, ClientConnection connection, Random dice) : IAsyncDisposable
{
    private const string Prefix = "c2c:";

    private readonly Dictionary<string, DeviceLog> _logs = [];
    private int _heard;

    public string Account => account;

    /// <summary>What it keeps of the conversation with a peer.</summary>
    public DeviceLog With(string peer)
    {
        var timeline = Prefix + peer;
        if (!_logs.TryGetValue(timeline, out var log))
        {
            _logs[timeline] = log = new DeviceLog();
        }

        return log;
    }

    /// <summary>Takes what has arrived of its conversations since the last time, as the bad line lets it through.</summary>
    public void Hear()
    {
        var arrived = connection.Events.Skip(_heard).ToList();
        _heard += arrived.Count;
        // Every connection of the app hears broadcasts too, which other tests make.
        var events = arrived.Where(heard => heard.TryGetProperty("Timeline", out var timeline) && timeline.GetString()!.StartsWith(Prefix, StringComparison.Ordinal)).ToArray();
        dice.Shuffle(events);
        foreach (var heard in events)
        {
            for (var times = dice.Next(0, 3); times > 0; times--)
            {
                With(heard.GetProperty("Timeline").GetString()![Prefix.Length..]).Add(heard);
            }
        }
    }

    /// <summary>Asks how far the conversations have come and pulls what is missing.</summary>
    /// <returns>Unread messages by peer, as the server counts them.</returns>
    public async Task<IReadOnlyDictionary<string, long>> SyncAsync()
    {
        var answer = await api.CallOkAsync("openim", "sync", new { Since = 0 }, account);
        var unread = new Dictionary<string, long>();
        foreach (var timeline in answer.GetProperty("Timelines").EnumerateArray())
        {
            var peer = timeline.GetProperty("Timeline").GetString()![Prefix.Length..];
            unread[peer] = timeline.GetProperty("UnreadMsgNum").GetInt64();
            while (With(peer).UpTo < timeline.GetProperty("LastSeq").GetInt64())
            {
                await PullAsync(peer);
            }
        }

        return unread;
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private async Task PullAsync(string peer)
    {
        var body = new { Owner_Account = account, Peer_Account = peer, AfterSeq = With(peer).UpTo, MaxCnt = dice.Next(1, 30) };
        var page = await api.CallOkAsync("openim", "get_c2c_log", body, account);
        With(peer).AddPiece(page.GetProperty("FromSeq").GetInt64(), page.GetProperty("UpToSeq").GetInt64(), page.GetProperty("Entries").EnumerateArray());
    }
}
