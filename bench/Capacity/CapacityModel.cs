namespace Parley.Bench.Capacity;

/// <summary>The formulas of docs/operations/capacity.md.</summary>
internal sealed class CapacityModel
{
    private const double SecondsOfDay = 86_400;

    // A read of each side's head and one of the sender's account; a transaction refused and its head read again, on each side.
    private const double ReadsWhenUnknown = 3;
    private const double ExtraWhenStale = 4;
    private const double GroupReadsWhenUnknown = 2;
    private const double GroupExtraWhenStale = 3;

    private readonly Workload _work;

    public CapacityModel(Workload work)
    {
        _work = work;
        TransactionsPerGroupMessage = MeanOverGroups(CostOfGroupMessage);
    }

    public Workload Work => _work;

    /// <summary>The busiest seconds, as a multiple of the mean.</summary>
    public double PeakFactor => DayCurve.Peak * _work.Surge;

    public double MessagesPerDay => _work.Daily * _work.Messages;

    public double GroupMessagesPerDay => _work.Daily * _work.GroupMessages;

    public double MessageRate => MessagesPerDay / SecondsOfDay * PeakFactor;

    public double GroupMessageRate => GroupMessagesPerDay / SecondsOfDay * PeakFactor;

    /// <summary>Requests to the app: sends, marks, pulls, and three for each connection (negotiate, connected, disconnected).</summary>
    public double CallsPerDay => MessagesPerDay + GroupMessagesPerDay + (_work.Daily * (_work.Reads + _work.Pulls + (3 * _work.Connects)));

    public double CallRate => CallsPerDay / SecondsOfDay * PeakFactor;

    public double Instances => Math.Max(1, Math.Ceiling(CallRate / _work.CallsPerInstance));

    /// <summary>How long an instance remembers a conversation, in seconds: until as many other rows have come.</summary>
    public double MemorySeconds => _work.CachedRows / Math.Max(1e-9, _work.RowsPerMessage * MessageRate / Instances);

    /// <summary>As <see cref="MemorySeconds"/>, for groups.</summary>
    public double GroupMemorySeconds => _work.CachedRows / Math.Max(1e-9, _work.RowsPerMessage * GroupMessageRate / Instances);

    /// <summary>Whether the instance that takes a message of a conversation remembers it, as it is or as it was.</summary>
    public (double Fresh, double Stale) ConversationMemory()
    {
        var (rate, follows) = (1 / _work.BurstGap, 1 - (1 / _work.BurstMessages));
        var here = follows / Instances;
        var either = here + 1 - follows;
        var seen = here / either * (1 - Math.Exp(-rate * either * MemorySeconds));
        var fresh = here * (1 - Math.Exp(-rate * MemorySeconds));
        return (fresh, Math.Max(0, seen - fresh));
    }

    /// <summary>Storage transactions of a one-to-one message.</summary>
    public double TransactionsPerMessage => CostOfMessage(ConversationMemory());

    /// <summary>Storage transactions of a message to a group, on average over all messages.</summary>
    public double TransactionsPerGroupMessage { get; }

    /// <summary>Storage transactions that are neither of messages: marks, pulls, connections.</summary>
    public double OtherTransactionsPerDay => _work.Daily * (_work.Reads + _work.Pulls + (_work.Connects * _work.TransactionsPerConnect));

    public double TransactionsPerDay =>
        (MessagesPerDay * TransactionsPerMessage) + (GroupMessagesPerDay * TransactionsPerGroupMessage) + OtherTransactionsPerDay;

    public double TransactionRate => TransactionsPerDay / SecondsOfDay * PeakFactor;

    /// <summary>Storage accounts, so that each is filled to the assumed share at most.</summary>
    public double StorageAccounts => Math.Max(1, Math.Max(
        Math.Ceiling(TransactionRate / (ServiceLimits.AccountTransactions * _work.Fill)), Math.Ceiling(StoredBytes / (ServiceLimits.AccountBytes * _work.Fill))));

    /// <summary>Two copies of a one-to-one message, one of a group's.</summary>
    public double BytesPerDay => ((2 * MessagesPerDay) + GroupMessagesPerDay) * _work.MessageBytes;

    public double StoredBytes => (BytesPerDay * _work.RoamingDays) + (_work.Accounts * _work.AccountBytes);

    public double Connections => _work.Daily * _work.ConnectedShare * _work.Devices;

    /// <summary>Outbound messages: to the connected devices of the receiver, who is active that day, or of all other members, who may not be.</summary>
    public double SignalRMessagesPerDay => _work.ConnectedShare * _work.Devices
        * (MessagesPerDay + (GroupMessagesPerDay * Math.Max(0, _work.GroupSize - 1) * _work.DailyShare));

    public double SignalRUnits => Math.Max(1, Math.Ceiling(Connections / ServiceLimits.UnitConnections));

    public double SignalRResources => Math.Max(1, Math.Ceiling(SignalRUnits / ServiceLimits.SignalRUnits));

    public double GigabyteSecondsPerDay => CallsPerDay / _work.CallsPerInstance * _work.InstanceGigabytes;

    public double QueueMessagesPerDay => (MessagesPerDay + GroupMessagesPerDay) * _work.QueueShare;

    public double LogGigabytesPerDay => CallsPerDay * _work.LogBytesPerCall / 1e9;

    public static double CostOfMessage((double Fresh, double Stale) memory) =>
        2 + ((1 - memory.Fresh - memory.Stale) * ReadsWhenUnknown) + (memory.Stale * ExtraWhenStale);

    /// <summary>What the messages of a group cost that come at this rate, each.</summary>
    public double CostOfGroupMessage(double rate)
    {
        var perInstance = rate / Instances;
        var seen = 1 - Math.Exp(-perInstance * GroupMemorySeconds);
        var fresh = (1 - Math.Exp(-rate * GroupMemorySeconds)) / Instances;
        return CostOfGroupMessage(fresh, Math.Max(0, seen - fresh), Sharing(perInstance * _work.TransactionSeconds));
    }

    /// <param name="share">Transactions for each message: less than 1 where several share one.</param>
    public static double CostOfGroupMessage(double fresh, double stale, double share) =>
        share * (1 + ((1 - fresh - stale) * GroupReadsWhenUnknown) + (stale * GroupExtraWhenStale));

    // Of what comes at random while transactions follow one another, each begun by what came during the one before.
    private static double Sharing(double messagesPerTransaction) => 1 / (messagesPerTransaction + Math.Exp(-messagesPerTransaction));

    private double MeanOverGroups(Func<double, double> of)
    {
        const int Steps = 20_000;
        var sum = 0.0;
        for (var i = 0; i < Steps; i++)
        {
            // The group that stands at this part of all messages, and its share of them.
            var rank = Math.Floor(_work.Groups * Math.Pow((i + 0.5) / Steps, _work.Skew));
            var share = Math.Pow((rank + 1) / _work.Groups, 1 / _work.Skew) - Math.Pow(rank / _work.Groups, 1 / _work.Skew);
            sum += of(GroupMessageRate * share);
        }

        return sum / Steps;
    }
}
