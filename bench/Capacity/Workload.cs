using System.Globalization;
using System.Reflection;

namespace Parley.Bench.Capacity;

/// <summary>What is assumed of the users and of the engine. Every one can be set with <c>--assume Name=Value</c>; docs/operations/capacity.md says where the defaults come from.</summary>
internal sealed record Workload
{
    /// <summary>Accounts that are used within a month.</summary>
    public double Accounts { get; init; } = 100_000;

    /// <summary>Share of them that is active on a day.</summary>
    public double DailyShare { get; init; } = 0.3;

    /// <summary>Share of a day's active accounts that is connected at the busiest time.</summary>
    public double ConnectedShare { get; init; } = 0.25;

    /// <summary>Devices that a connected account has.</summary>
    public double Devices { get; init; } = 1.2;

    /// <summary>One-to-one messages that an active account sends a day.</summary>
    public double Messages { get; init; } = 20;

    /// <summary>Messages to groups that it sends a day.</summary>
    public double GroupMessages { get; init; } = 10;

    /// <summary>Members of the group of an average group message.</summary>
    public double GroupSize { get; init; } = 30;

    /// <summary>Accounts for each group.</summary>
    public double AccountsPerGroup { get; init; } = 5;

    /// <summary>Connections that an active account opens a day.</summary>
    public double Connects { get; init; } = 6;

    /// <summary>Calls that mark a conversation as read, a day.</summary>
    public double Reads { get; init; } = 15;

    /// <summary>Queries for history and lists, a day, beside those after a connection.</summary>
    public double Pulls { get; init; } = 10;

    /// <summary>How much busier the busiest seconds are than the busiest minute of an ordinary day.</summary>
    public double Surge { get; init; } = 1.5;

    /// <summary>Messages that follow one another in a conversation, and the seconds between two of them.</summary>
    public double BurstMessages { get; init; } = 8;

    public double BurstGap { get; init; } = 20;

    /// <summary>What a copy of a message takes in storage, with its identity, in bytes.</summary>
    public double MessageBytes { get; init; } = 1_000;

    public double RoamingDays { get; init; } = 7;

    /// <summary>What an account takes beside its messages, in bytes.</summary>
    public double AccountBytes { get; init; } = 5_000;

    /// <summary>Calls a second that an instance takes comfortably.</summary>
    public double CallsPerInstance { get; init; } = 200;

    public double InstanceGigabytes { get; init; } = 2;

    /// <summary>Rows that an instance remembers, and those that a message takes of them.</summary>
    public double CachedRows { get; init; } = 10_000;

    public double RowsPerMessage { get; init; } = 4;

    /// <summary>Seconds that a transaction takes: what comes to a partition meanwhile shares the next one.</summary>
    public double TransactionSeconds { get; init; } = 0.01;

    /// <summary>Rows of a transaction: message, identity, head, and the asserted row.</summary>
    public double RowsPerTransaction { get; init; } = 4;

    /// <summary>Transactions of a connection: negotiation, its row written and deleted, memberships, lists and logs that the device pulls.</summary>
    public double TransactionsPerConnect { get; init; } = 12;

    /// <summary>Share of messages whose delivery goes through the queue, because SignalR did not take it at once.</summary>
    public double QueueShare { get; init; } = 0.001;

    /// <summary>Bytes of log for each call, after sampling.</summary>
    public double LogBytesPerCall { get; init; } = 150;

    /// <summary>How full a storage account may be in the busiest seconds, as a share of its limit.</summary>
    public double Fill { get; init; } = 0.6;

    /// <summary>Skewness of activity: of n accounts, the one drawn is number n·u^Skew. 1 is even.</summary>
    public double Skew { get; init; } = 1.5;

    /// <summary>Active accounts on a day.</summary>
    public double Daily => Accounts * DailyShare;

    public double Groups => Math.Max(1, Accounts / AccountsPerGroup);

    /// <summary>Sets one of them by its name.</summary>
    public Workload With(string assumption)
    {
        var parts = assumption.Split('=', 2);
        var property = typeof(Workload).GetProperty(parts[0], BindingFlags.Public | BindingFlags.Instance) is { CanWrite: true } found
            ? found
            : throw new BenchException($"'{parts[0]}' is none of the assumptions: {string.Join(", ", Names)}.");
        if (parts.Length < 2 || !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || value <= 0)
        {
            throw new BenchException($"'{assumption}' needs a positive number.");
        }

        var changed = this with { };
        property.SetValue(changed, value);
        return changed;
    }

    private static IEnumerable<string> Names => typeof(Workload).GetProperties().Where(property => property.CanWrite).Select(property => property.Name);
}
