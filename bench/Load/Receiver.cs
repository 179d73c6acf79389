using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Parley.Bench.Setup;

namespace Parley.Bench.Load;

/// <summary>An account's device, connected with the official client. It notes how old each message is when it arrives, and checks the numbers.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly HubConnection _hub;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Timeline> _timelines = new(StringComparer.Ordinal);
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private readonly List<double> _ages = [];

    private Receiver(string account, HubConnection hub)
    {
        (Account, _hub) = (account, hub);
        hub.On<JsonElement>("events", Receive);
    }

    public string Account { get; }

    /// <summary>Milliseconds from send to arrival of each message that carries its time.</summary>
    public IReadOnlyList<double> Ages => _ages;

    /// <summary>Messages whose number had come before.</summary>
    public int Duplicates { get; private set; }

    /// <summary>Messages that came after one with a higher number.</summary>
    public int OutOfOrder { get; private set; }

    /// <summary>Numbers below the highest that never came.</summary>
    public long Gaps
    {
        get
        {
            lock (_lock)
            {
                return _timelines.Values.Sum(timeline => timeline.Highest - timeline.Numbers.Count);
            }
        }
    }

    public static async Task<Receiver> ConnectAsync(ParleyApi api, string account, CancellationToken cancellation)
    {
        var receiver = new Receiver(account, new HubConnectionBuilder().WithUrl(api.ClientUrl(account)).Build());
        await receiver._hub.StartAsync(cancellation);
        return receiver;
    }

    /// <summary>How many of these messages, named as <see cref="Name"/> does, have not come.</summary>
    public int CountMissing(IEnumerable<string> names)
    {
        lock (_lock)
        {
            return names.Count(name => !_keys.Contains(name));
        }
    }

    /// <summary>Names a message of the receiver: MsgKeys are the sender's.</summary>
    public static string Name(string from, string key) => $"{from} {key}";

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    private void Receive(JsonElement events)
    {
        var now = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            foreach (var item in events.EnumerateArray())
            {
                Note(item, now);
            }
        }
    }

    private void Note(JsonElement item, long now)
    {
        _keys.Add(Name(item.GetProperty("From_Account").GetString()!, item.GetProperty("MsgKey").GetString()!));
        NoteNumber(item.GetProperty("Timeline").GetString()!, item.GetProperty("Seq").GetInt64());
        if (item.TryGetProperty("CloudCustomData", out var sentAt))
        {
            _ages.Add(Stopwatch.GetElapsedTime(long.Parse(sentAt.GetString()!, CultureInfo.InvariantCulture), now).TotalMilliseconds);
        }
    }

    private void NoteNumber(string name, long number)
    {
        if (!_timelines.TryGetValue(name, out var timeline))
        {
            _timelines[name] = timeline = new Timeline();
        }

        if (!timeline.Numbers.Add(number))
        {
            Duplicates++;
        }
        else if (number < timeline.Highest)
        {
            OutOfOrder++;
        }

        timeline.Highest = Math.Max(timeline.Highest, number);
    }

    private sealed class Timeline
    {
        public HashSet<long> Numbers { get; } = [];

        public long Highest { get; set; }
    }
}
