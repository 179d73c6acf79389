using System.Diagnostics;
using System.Globalization;
using Parley.Bench.Setup;

namespace Parley.Bench.Load;

/// <summary>Sends in the name of one account to all receivers in turn; never more than one message at a time.</summary>
internal sealed class Sender(ParleyApi api, string account, int place, IReadOnlyList<string> receivers)
{
    private readonly List<(string Receiver, string Key)> _acknowledged = [];
    private readonly List<double> _answerTimes = [];
    private uint _number;

    /// <summary>The messages whose sending was answered with success, with their MsgKeys.</summary>
    public IReadOnlyList<(string Receiver, string Key)> Acknowledged => _acknowledged;

    public string Account => account;

    /// <summary>Milliseconds from send to answer, of the measured part.</summary>
    public IReadOnlyList<double> AnswerTimes => _answerTimes;

    /// <summary>Messages whose sending failed, or was not answered.</summary>
    public int Failures { get; private set; }

    /// <summary>Why the first of them failed.</summary>
    public string? FirstFailure { get; private set; }

    /// <summary>Begins each conversation, which is not measured.</summary>
    public async Task BeginAsync(CancellationToken cancellation)
    {
        for (var i = 0; i < receivers.Count; i++)
        {
            await SendAsync(isMeasured: false, cancellation);
        }
    }

    /// <summary>Sends until a <see cref="Stopwatch.GetTimestamp"/>. A failure is counted and the next message sent.</summary>
    public async Task SendUntilAsync(long end, CancellationToken cancellation)
    {
        while (Stopwatch.GetTimestamp() < end)
        {
            await SendAsync(isMeasured: true, cancellation);
        }
    }

    private async Task SendAsync(bool isMeasured, CancellationToken cancellation)
    {
        // Each begins elsewhere, so that they do not all send to one receiver at once.
        var to = receivers[(int)((place * receivers.Count / 7 + _number) % receivers.Count)];
        var message = ParleyApi.Message(account, to, ++_number);
        var sentAt = Stopwatch.GetTimestamp();
        if (isMeasured)
        {
            message["CloudCustomData"] = sentAt.ToString(CultureInfo.InvariantCulture);
        }

        try
        {
            _acknowledged.Add((to, await api.SendAsync(message, cancellation)));
            if (isMeasured)
            {
                _answerTimes.Add(Stopwatch.GetElapsedTime(sentAt).TotalMilliseconds);
            }
        }
        catch (Exception e) when (e is BenchException or HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            Failures++;
            FirstFailure ??= e.Message;
        }
    }
}
