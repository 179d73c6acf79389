namespace Parley.Bench.Capacity;

/// <summary>Limits of the Azure services that bound a deployment; docs/operations/capacity.md names the sources.</summary>
internal static class ServiceLimits
{
    /// <summary>Transactions a second of a storage account.</summary>
    public const double AccountTransactions = 20_000;

    /// <summary>Entities a second of a partition.</summary>
    public const double PartitionEntities = 2_000;

    /// <summary>Bytes in a storage account.</summary>
    public const double AccountBytes = 500e12;

    /// <summary>Messages a second of a queue.</summary>
    public const double QueueMessages = 2_000;

    /// <summary>Connections and messages a day that a SignalR unit includes, and units of one resource (Premium P2).</summary>
    public const double UnitConnections = 1_000;

    public const double UnitMessages = 1_000_000;

    public const double SignalRUnits = 1_000;

    /// <summary>Instances of a Flex Consumption app.</summary>
    public const double Instances = 1_000;
}

/// <summary>Prices in US dollars, as parameters: examples that somebody has published, not what a bill will say.</summary>
internal static class ExamplePrices
{
    public const double Per10KTableTransactions = 0.00036;
    public const double PerGigabyteMonth = 0.045;
    public const double PerGigabyteSecond = 0.000026;
    public const double PerMillionExecutions = 0.4;
    public const double PerSignalRUnitMonth = 49;
    public const double PerMillionSignalRMessages = 1;
    public const double PerGigabyteOfLogs = 2.76;
}
