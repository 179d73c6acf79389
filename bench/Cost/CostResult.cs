using System.Globalization;
using System.Text.Json.Nodes;
using Parley.Bench.Reporting;

namespace Parley.Bench.Cost;

/// <summary>What the messages of a case cost, on average per message.</summary>
/// <param name="Batches">Entity-group transactions.</param>
/// <param name="OtherWrites">Writes outside of them.</param>
/// <param name="Reads">Reads of a row and queries.</param>
/// <param name="Calls">Requests to the REST data plane of SignalR.</param>
internal sealed record CostResult(CostCase Case, int Messages, double Batches, double OtherWrites, double Reads, double Calls)
{
    // For the rounding of averages; a single request too many weighs more.
    private const double Tolerance = 0.0001;

    /// <summary>Requests to the table service, each of which is billed as one transaction.</summary>
    public double Transactions => Batches + OtherWrites + Reads;

    public bool IsMet => Transactions <= (Case.MostTransactions ?? double.MaxValue) + Tolerance && Calls <= (Case.MostCalls ?? double.MaxValue) + Tolerance;

    public string[] ToRow() =>
    [
        Case.Name, $"{Messages}", Text(Batches), Text(OtherWrites), Text(Reads), Text(Transactions),
        Target(Case.MostTransactions), Text(Calls), Target(Case.MostCalls), IsMet ? "met" : "MISS",
    ];

    public JsonObject ToJson() => new()
    {
        ["name"] = Case.Name,
        ["messages"] = Messages,
        ["batches"] = Math.Round(Batches, 3),
        ["otherWrites"] = Math.Round(OtherWrites, 3),
        ["reads"] = Math.Round(Reads, 3),
        ["transactions"] = Math.Round(Transactions, 3),
        ["targetTransactions"] = Case.MostTransactions,
        ["signalRCalls"] = Math.Round(Calls, 3),
        ["targetSignalRCalls"] = Case.MostCalls,
        ["isMet"] = IsMet,
    };

    private static string Target(double? most) => most is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"≤ {most}");

    private static string Text(double value) => Distribution.Text(value, 2);
}
