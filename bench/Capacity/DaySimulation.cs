namespace Parley.Bench.Capacity;

/// <summary>Draws a day minute by minute: how many messages come, how long they are, and how many devices hear them.</summary>
internal sealed class DaySimulation(Workload work, Draws draws)
{
    private const int MinutesOfDay = 1_440;
    private const int SamplesOfMinute = 400;

    public double Messages { get; private set; }

    public double GroupMessages { get; private set; }

    public double Bytes { get; private set; }

    public double SignalRMessages { get; private set; }

    /// <summary>Messages of both kinds a second, in the busiest minute.</summary>
    public double BusiestMinute { get; private set; }

    public void Run()
    {
        for (var minute = 0; minute < MinutesOfDay; minute++)
        {
            var share = DayCurve.At(minute) / MinutesOfDay;
            var messages = draws.Poisson(work.Daily * work.Messages * share);
            var groupMessages = draws.Poisson(work.Daily * work.GroupMessages * share);
            Messages += messages;
            GroupMessages += groupMessages;
            BusiestMinute = Math.Max(BusiestMinute, (messages + groupMessages) / 60);
            Bytes += MeanOf(messages, () => draws.MessageBytes(work.MessageBytes)) * 2;
            Bytes += MeanOf(groupMessages, () => draws.MessageBytes(work.MessageBytes));
            SignalRMessages += MeanOf(messages, () => Devices(1, work.ConnectedShare));
            SignalRMessages += MeanOf(groupMessages, () => Devices(Math.Max(0, draws.GroupSize(work.GroupSize) - 1), work.ConnectedShare * work.DailyShare));
        }
    }

    // Of many, some are drawn and stand for all.
    private static double MeanOf(double count, Func<double> draw)
    {
        var drawn = (int)Math.Min(count, SamplesOfMinute);
        var sum = 0.0;
        for (var i = 0; i < drawn; i++)
        {
            sum += draw();
        }

        return drawn == 0 ? 0 : sum / drawn * count;
    }

    private double Devices(double accounts, double connected) => draws.Poisson(accounts * connected * work.Devices);
}
