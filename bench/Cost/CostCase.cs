namespace Parley.Bench.Cost;

/// <summary>A kind of sending, and what one message of it may cost.</summary>
/// <param name="Name">For people.</param>
/// <param name="PrepareAsync">Runs before the count begins; null for nothing.</param>
/// <param name="SendAsync">Makes one call; gets its number from 1.</param>
/// <param name="Calls">How many calls to make.</param>
/// <param name="MessagesPerCall">Receivers of a call.</param>
/// <param name="MostTransactions">Target for storage transactions per message; null where the design names none.</param>
/// <param name="MostCalls">Target for SignalR calls per message.</param>
internal sealed record CostCase(
    string Name, Func<CancellationToken, Task>? PrepareAsync, Func<uint, CancellationToken, Task> SendAsync, int Calls, int MessagesPerCall,
    double? MostTransactions, double MostCalls);
