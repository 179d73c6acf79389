namespace Parley.Bench.Capacity;

/// <summary>The formulas of docs/operations/capacity.md.</summary>
internal sealed class CapacityModel(Workload work)
{
    private const double SecondsOfDay = 86_400;

    // A read of each side's head and one of the sender's account; a transaction refused and its head read again, on each side.
    private const double ReadsWhenUnknown = 3;
    private const double ExtraWhenStale = 4;
    private const double GroupReadsWhenUnknown = 2;
    private const double GroupExtraWhenStale = 3;

    public Workload Work => work;

    /// <summary>The busiest seconds, as a multiple of the mean.</summary>
    public double PeakFactor => DayCurve.Peak * work.Surge;

    public double MessagesPerDay => work.Daily * work.Messages;

    public double GroupMessagesPerDay => work.Daily * work.GroupMessages;

    public double MessageRate => MessagesPerDay / SecondsOfDay * PeakFactor;

    public double GroupMessageRate => GroupMessagesPerDay / SecondsOfDay * PeakFactor;

    /// <summary>Requests to the app: sends, marks, pulls, and three for each connection (negotiate, connected, disconnected).</summary>
    public double CallsPerDay => MessagesPerDay + GroupMessagesPerDay + (work.Daily * (work.Reads + work.Pulls + (3 * work.Connects)));

    public double CallRate => CallsPerDay / SecondsOfDay * PeakFactor;

    public double Instances => Math.Max(1, Math.Ceiling(CallRate / work.CallsPerInstance));

    /// <summary>How long an instance remembers a conversation, in seconds: until as many other rows have come.</summary>
    public double MemorySeconds => work.CachedRows / Math.Max(1e-9, work.RowsPerMessage * MessageRate / Instances);

    /// <summary>As <see cref="MemorySeconds"/>, for groups.</summary>
    public double GroupMemorySeconds => work.CachedRows / Math.Max(1e-9, work.RowsPerMessage * GroupMessageRate / Instances);

    /// <summary>Whether the instance that takes a message of a conversation remembers it, as it is or as it was.</summary>
    public (double Fresh, double Stale) ConversationMemory()
    {
        var (rate, follows) = (1 / work.BurstGap, 1 - (1 / work.BurstMessages));
        var here = follows / Instances;
        var either = here + 1 - follows;
        var seen = here / either * (1 - Math.Exp(-rate * either * MemorySeconds));
        var fresh = here * (1 - Math.Exp(-rate * MemorySeconds));
        return (fresh, Math.Max(0, seen - fresh));
    }

    /// <summary>Storage transactions of a one-to-one message.</summary>
    public double TransactionsPerMessage => CostOfMessage(ConversationMemory());

    /// <summary>Storage transactions of a message to a group, on average over all messages.</summary>
    public double TransactionsPerGroupMessage => MeanOverGroups(CostOfGroupMessage);

    /// <summary>Storage transactions that are neither of messages: marks, pulls, connections.</summary>
    public double OtherTransactionsPerDay => work.Daily * (work.Reads + work.Pulls + (work.Connects * work.TransactionsPerConnect));

    public double TransactionsPerDay =>
        (MessagesPerDay * TransactionsPerMessage) + (GroupMessagesPerDay * TransactionsPerGroupMessage) + OtherTransactionsPerDay;

    public double TransactionRate => TransactionsPerDay / SecondsOfDay * PeakFactor;

    /// <summary>Storage accounts, so that each is filled to the assumed share at most.</summary>
    public double StorageAccounts => Math.Max(1, Math.Max(
        Math.Ceiling(TransactionRate / (ServiceLimits.AccountTransactions * work.Fill)), Math.Ceiling(StoredBytes / (ServiceLimits.AccountBytes * work.Fill))));

    /// <summary>Two copies of a one-to-one message, one of a group's.</summary>
    public double BytesPerDay => ((2 * MessagesPerDay) + GroupMessagesPerDay) * work.MessageBytes;

    public double StoredBytes => (BytesPerDay * work.RoamingDays) + (work.Accounts * work.AccountBytes);

    public double Connections => work.Daily * work.ConnectedShare * work.Devices;

    /// <summary>Outbound messages: to the connected devices of the receiver, who is active that day, or of all other members, who may not be.</summary>
    public double SignalRMessagesPerDay => work.ConnectedShare * work.Devices
        * (MessagesPerDay + (GroupMessagesPerDay * Math.Max(0, work.GroupSize - 1) * work.DailyShare));

    public double SignalRUnits => Math.Max(1, Math.Ceiling(Connections / ServiceLimits.UnitConnections));

    public double SignalRResources => Math.Max(1, Math.Ceiling(SignalRUnits / ServiceLimits.SignalRUnits));

    public double GigabyteSecondsPerDay => CallsPerDay / work.CallsPerInstance * work.InstanceGigabytes;

    public double QueueMessagesPerDay => (MessagesPerDay + GroupMessagesPerDay) * work.QueueShare;

    public double LogGigabytesPerDay => CallsPerDay * work.LogBytesPerCall / 1e9;

    /// <summary>Rows a second in the partition of the busiest account, in the busiest seconds: what it sends and what it receives.</summary>
    public double HottestPartition => 2 * MessageRate * Math.Pow(1 / work.Daily, 1 / work.Skew) * work.RowsPerTransaction;

    public static double CostOfMessage((double Fresh, double Stale) memory) =>
        2 + ((1 - memory.Fresh - memory.Stale) * ReadsWhenUnknown) + (memory.Stale * ExtraWhenStale);

    /// <summary>What the messages of a group cost that come at this rate, each.</summary>
    public double CostOfGroupMessage(double rate)
    {
        var perInstance = rate / Instances;
        var seen = 1 - Math.Exp(-perInstance * GroupMemorySeconds);
        var fresh = (1 - Math.Exp(-rate * GroupMemorySeconds)) / Instances;
        return CostOfGroupMessage(fresh, Math.Max(0, seen - fresh), 1 / (1 + (perInstance * work.TransactionSeconds)));
    }

    /// <param name="share">Transactions for each message: less than 1 where several share one.</param>
    public static double CostOfGroupMessage(double fresh, double stale, double share) =>
        share * (1 + ((1 - fresh - stale) * GroupReadsWhenUnknown) + (stale * GroupExtraWhenStale));

    private double MeanOverGroups(Func<double, double> of)
    {
        const int Steps = 20_000;
        var sum = 0.0;
        for (var i = 0; i < Steps; i++)
        {
            // The group that stands at this part of all messages, and its share of them.
            var rank = Math.Floor(work.Groups * Math.Pow((i + 0.5) / Steps, work.Skew));
            var share = Math.Pow((rank + 1) / work.Groups, 1 / work.Skew) - Math.Pow(rank / work.Groups, 1 / work.Skew);
            sum += of(GroupMessageRate * share);
        }

        return sum / Steps;
    }
}
