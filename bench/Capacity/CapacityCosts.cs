namespace Parley.Bench.Capacity;

/// <summary>What a deployment costs a month by the example prices, in US dollars.</summary>
internal static class CapacityCosts
{
    private const double Days = 30;

    public static double Transactions(CapacityModel model) => model.TransactionsPerDay * Days / 1e4 * ExamplePrices.Per10KTableTransactions;

    public static double Bytes(CapacityModel model) => model.StoredBytes / 1e9 * ExamplePrices.PerGigabyteMonth;

    public static double Functions(CapacityModel model) => Days
        * ((model.GigabyteSecondsPerDay * ExamplePrices.PerGigabyteSecond) + (model.CallsPerDay / 1e6 * ExamplePrices.PerMillionExecutions));

    public static double Units(CapacityModel model) => model.SignalRUnits * ExamplePrices.PerSignalRUnitMonth;

    public static double SignalRMessages(CapacityModel model) => Days
        * Math.Max(0, model.SignalRMessagesPerDay - (model.SignalRUnits * ServiceLimits.UnitMessages)) / 1e6 * ExamplePrices.PerMillionSignalRMessages;

    public static double Logs(CapacityModel model) => model.LogGigabytesPerDay * Days * ExamplePrices.PerGigabyteOfLogs;

    public static double All(CapacityModel model) =>
        Transactions(model) + Bytes(model) + Functions(model) + Units(model) + SignalRMessages(model) + Logs(model);
}
