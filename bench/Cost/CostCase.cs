namespace Parley.Bench.Cost;

/// <summary>A kind of sending, and what one message of it may cost.</summary>
/// <param name="Name">For people.</param>
/// <param name="PrepareAsync">Runs before the count begins; null for nothing.</param>
/// <param name="SendAsync">Makes one call; gets its number from 1.</param>
/// <param name="Calls">How many calls to make.</param>
/// <param name="MessagesPerCall">Receivers of a call, or what else the cost is counted by.</param>
/// <param name="MostTransactions">Target for storage transactions per message; null where the design names none.</param>
/// <param name="MostCalls">Target for SignalR calls per message; null for none.</param>
internal sealed record CostCase(
    string Name, Func<CancellationToken, Task>? PrepareAsync, Func<uint, CancellationToken, Task> SendAsync, int Calls, int MessagesPerCall,
    double? MostTransactions, double? MostCalls)
{
    /// <summary>How many callers there are, each of which waits for its answer before it calls again. They take turns with the numbers.</summary>
    public int AtOnce { get; init; } = 1;
}
