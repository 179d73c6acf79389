using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.Delivery;

namespace Parley.Tests.Support;

/// <summary>A work queue inside the test process, for tests that lose jobs, count them, or have no time for the rounding of delays to seconds.</summary>
internal sealed class JobQueue : IWorkQueue
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<WorkJob, DateTimeOffset> _jobs = new();
    private int _running;

    /// <summary>Whether jobs are lost, as when the program ends before it has queued one.</summary>
    public bool LosesJobs { get; set; }

    /// <summary>How many were queued and not lost.</summary>
    public int Queued { get; private set; }

    public Task EnqueueAsync(WorkJob job, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (!LosesJobs)
            {
                Queued++;
                _jobs.Enqueue(job, TimeProvider.System.GetUtcNow() + (job.Delay ?? TimeSpan.Zero));
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Runs the jobs of a queue as the Functions host does, each on any of the instances, until none waits and none is due later; others are dropped.</summary>
    /// <param name="handle">The function's handler on one of the instances.</param>
    /// <param name="isQuiet">Whether nothing more will be queued, as far as the test knows.</param>
    public async Task RunAsync(string queue, Func<HttpContext, Task> handle, Func<bool> isQuiet, int atOnce = 16)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        using var room = new SemaphoreSlim(atOnce);
        while (!deadline.IsCancellationRequested)
        {
            if (TryTake(out var job))
            {
                if (job.Queue == queue)
                {
                    await room.WaitAsync(deadline.Token);
                    _ = Task.Run(() => HandleAsync(job, handle, room), deadline.Token);
                }
                else
                {
                    Interlocked.Decrement(ref _running);
                }
            }
            else if (IsEmpty() && isQuiet())
            {
                return;
            }
            else
            {
                await Task.Delay(5, deadline.Token);
            }
        }

        throw new TimeoutException("The queue did not become empty.");
    }

    /// <summary>What the Functions host sends for a job of a queue.</summary>
    public static DefaultHttpContext Invocation(string json, int attempt = 1)
    {
        var envelope = JsonSerializer.Serialize(new { Data = new { job = JsonSerializer.Serialize(json) }, Metadata = new { DequeueCount = $"{attempt}" } });
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(envelope));
        http.Response.Body = new MemoryStream();
        return http;
    }

    private async Task HandleAsync(WorkJob job, Func<HttpContext, Task> handle, SemaphoreSlim room)
    {
        try
        {
            var http = Invocation(job.Json);
            for (var attempt = 2; attempt <= 6; attempt++)
            {
                await handle(http);
                if (http.Response.StatusCode == StatusCodes.Status200OK)
                {
                    break;
                }

                http = Invocation(job.Json, attempt);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            room.Release();
        }
    }

    // A job that is taken runs until it is handled: there is no moment in which it is neither.
    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out WorkJob? job)
    {
        lock (_gate)
        {
            job = null;
            if (!_jobs.TryPeek(out _, out var due) || due > TimeProvider.System.GetUtcNow())
            {
                return false;
            }

            Interlocked.Increment(ref _running);
            job = _jobs.Dequeue();
            return true;
        }
    }

    private bool IsEmpty()
    {
        lock (_gate)
        {
            return _jobs.Count == 0 && Volatile.Read(ref _running) == 0;
        }
    }
}
