namespace Parley.Statistics;

/// <summary>Writes down what was counted: every 15 seconds, before this instance answers for an app, and when the program stops.</summary>
/// <remarks>One request for each app with something new, however much it is.</remarks>
public sealed partial class StatisticsWriter(DailyStatistics statistics, StatisticsTable table, TimeProvider time, ILogger<StatisticsWriter> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _writing = new(1);

    /// <summary>Writes what is new; what storage does not take is written the next time.</summary>
    /// <param name="sdkAppId">Of this app only; of all if not given.</param>
    public async Task WriteAsync(uint? sdkAppId, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            foreach (var day in statistics.Days.Where(day => sdkAppId is null || sdkAppId == day.SdkAppId))
            {
                await TryWriteAsync(day, cancellation);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync(null, cancellationToken);
    }

    public override void Dispose()
    {
        _writing.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await WriteAsync(null, stoppingToken);
        }
    }

    private async Task TryWriteAsync(PendingDay day, CancellationToken cancellation)
    {
        // Before it is written: what is counted from here on is of a later day.
        var isOver = day.Day < StatisticsDay.Of(time.GetUtcNow());
        try
        {
            if (day.Take() is { } news)
            {
                day.Version = await table.WriteAsync(news.Row, day.Version, cancellation);
                day.Wrote(news.Changes);
                if (day.Version is null)
                {
                    // Hours late; the figures that were in the row count, those since do not.
                    statistics.Forget(day, isForced: true);
                }
            }

            if (isOver)
            {
                statistics.Forget(day);
            }
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            NotWritten(logger, day.SdkAppId, e.Message);
        }
    }

    [LoggerMessage(EventId = 9001, Level = LogLevel.Warning, Message = "Statistics of app {SdkAppId} could not be written and will be the next time: {Reason}")]
    private static partial void NotWritten(ILogger logger, uint sdkAppId, string reason);
}
