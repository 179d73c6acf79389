using System.Diagnostics;
using Amqp;

namespace Parley.Delivery.ServiceBus;

/// <summary>Sends the jobs of one queue. What comes while a send is under way shares the next transfer; jobs of one session keep their order.</summary>
/// <remarks>
/// A job whose sending failed is sent again under the same message id until it is too old; so it may be stored twice where the queue does not look for
/// duplicates, as queues may bring a job twice anyway. Of a session only one transfer is on its way at a time.
/// </remarks>
internal sealed partial class QueueSender(string queue, BusLinks links, TimeSpan retryTime, ILogger logger)
{
    private const int MostOfBatch = 100;

    /// <summary>Of a transfer where the broker names no bound: the service's own for Standard.</summary>
    private const int MostBytes = 256 * 1024;

    /// <summary>For the envelope of a batch.</summary>
    private const int EnvelopeBytes = 1024;

    /// <summary>For one element of a batch besides its message.</summary>
    private const int ElementBytes = 16;

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>What no repetition can change.</summary>
    private static readonly HashSet<string> Final = new(StringComparer.Ordinal)
    {
        ErrorCode.MessageSizeExceeded, ErrorCode.NotFound, ErrorCode.NotAllowed, ErrorCode.UnauthorizedAccess, ErrorCode.ResourceLimitExceeded,
        ErrorCode.NotImplemented, "com.microsoft:entity-disabled",
    };

    private readonly Lock _gate = new();
    private List<PendingJob> _waiting = [];
    private bool _isSending;

    /// <summary>Completes when the broker has the job.</summary>
    public Task SendAsync(JobMessage message)
    {
        var job = new PendingJob(message);
        lock (_gate)
        {
            _waiting.Add(job);
            if (_isSending)
            {
                return job.Stored;
            }

            _isSending = true;
        }

        _ = Task.Run(SendAllAsync);
        return job.Stored;
    }

    private async Task SendAllAsync()
    {
        // It works for all who wait, not for the one that happened to start it.
        Activity.Current = null;
        while (TakeTransfers() is { Count: > 0 } transfers)
        {
            await Task.WhenAll(transfers.Select(SendAsync));
        }
    }

    private List<List<PendingJob>> TakeTransfers()
    {
        lock (_gate)
        {
            var transfers = new List<List<PendingJob>>();
            var later = new List<PendingJob>();
            foreach (var session in _waiting.GroupBy(job => job.Message.Session))
            {
                var rest = Cut([.. session], transfers, mayFollow: session.Key is null);
                later.AddRange(rest);
            }

            _waiting = later;
            _isSending = transfers.Count > 0;
            return transfers;
        }
    }

    /// <summary>Makes transfers of jobs of one session.</summary>
    /// <param name="mayFollow">Whether more than one may be on its way at a time.</param>
    /// <returns>The jobs that have to wait for the next round.</returns>
    private List<PendingJob> Cut(List<PendingJob> jobs, List<List<PendingJob>> transfers, bool mayFollow)
    {
        var first = 0;
        while (first < jobs.Count && (first == 0 || mayFollow))
        {
            var count = 1;
            var bytes = EnvelopeBytes + ElementBytes + jobs[first].Message.Bytes;
            while (CanShare(jobs[first]) && first + count < jobs.Count && count < MostOfBatch && CanShare(jobs[first + count])
                && bytes + ElementBytes + jobs[first + count].Message.Bytes <= MostBytes)
            {
                bytes += ElementBytes + jobs[first + count].Message.Bytes;
                count++;
            }

            transfers.Add(jobs.GetRange(first, count));
            first += count;
        }

        return jobs.GetRange(first, jobs.Count - first);
    }

    // A schedule is the message's own; whether the service reads it inside a batch is not documented.
    private bool CanShare(PendingJob job) => links.Address.IsServiceBus && !job.Message.IsScheduled;

    private async Task SendAsync(List<PendingJob> jobs)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await SendOnceAsync(jobs);
                jobs.ForEach(job => job.Complete());
                return;
            }
            catch (Exception e) when (IsFinal(e) || jobs[0].Age >= retryTime)
            {
                var reason = e is OperationCanceledException ? new TimeoutException($"Queue '{queue}' was not reached in time.", e) : e;
                jobs.ForEach(job => job.Fail(reason));
                return;
            }
            catch (Exception e)
            {
                Failed(logger, jobs.Count, queue, attempt, e.Message);
                var pause = Math.Min(FirstPause.TotalMilliseconds * Math.Pow(2, attempt - 1), LongestPause.TotalMilliseconds);
                await Task.Delay(TimeSpan.FromMilliseconds(pause));
            }
        }
    }

    private async Task SendOnceAsync(List<PendingJob> jobs)
    {
        var left = retryTime - jobs[0].Age;
        using var limit = new CancellationTokenSource(left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1));
        var sender = await links.SenderOfAsync(queue, limit.Token);
        try
        {
            // Made anew for each attempt: a message remembers how it was sent.
            await sender.Link.SendAsync(jobs.Count == 1 ? jobs[0].Message.ToMessage() : JobMessage.ToBatch([.. jobs.Select(job => job.Message)]), AnswerTimeout);
        }
        catch (TimeoutException)
        {
            await links.DropAsync(sender);
            throw;
        }
        catch (AmqpException e) when (string.Equals(e.Error?.Condition, ErrorCode.UnauthorizedAccess, StringComparison.Ordinal))
        {
            // The token may just have ended. Whether there is another shows with the next attempt.
            throw new InvalidOperationException($"The link to queue '{queue}' was closed: {e.Message}", e);
        }
    }

    private static bool IsFinal(Exception exception) =>
        exception is AmqpException { Error.Condition: { } condition } && Final.Contains(condition);

    [LoggerMessage(EventId = 4031, Level = LogLevel.Warning, Message = "{Jobs} jobs were not taken by queue '{Queue}', attempt {Attempt}: {Reason}")]
    private static partial void Failed(ILogger logger, int jobs, string queue, int attempt, string reason);
}
