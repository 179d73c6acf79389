using System.Globalization;
using System.Text.Json.Nodes;

namespace Parley.Bench.Capacity;

/// <summary>One comparison of what a formula says, or of a limit, with what was drawn.</summary>
internal sealed record CapacityCheck(string Name, double Accounts, double Expected, double Drawn, bool IsMet)
{
    /// <summary>Both must be the same but for a share.</summary>
    public static CapacityCheck Ratio(string name, double accounts, double formula, double drawn, double tolerance) =>
        new(name, accounts, formula, drawn, Math.Abs((drawn / formula) - 1) <= tolerance);

    /// <summary>What was drawn must stay below.</summary>
    public static CapacityCheck AtMost(string name, double accounts, double limit, double drawn) => new($"{name} ≤", accounts, limit, drawn, drawn <= limit);

    public IReadOnlyList<string> ToRow() =>
    [
        Name, CapacityCommand.Text(Accounts), CapacityCommand.Text(Expected), CapacityCommand.Text(Drawn),
        (Drawn / Expected).ToString("0.000", CultureInfo.InvariantCulture), IsMet ? "" : "MISS",
    ];

    public JsonObject ToJson() => new() { ["name"] = Name, ["accounts"] = Accounts, ["expected"] = Expected, ["drawn"] = Drawn, ["isMet"] = IsMet };
}
