using System.Globalization;
using Azure.Data.Tables;

namespace Parley.Relationships;

/// <summary>
/// Row <c>f!{peer}</c>, in the partition that has the copy: operations on the pair that have begun and whose outcome may not have come here yet, each with
/// the places that it has reserved. Whoever meets one asks the home partition what became of it.
/// </summary>
/// <param name="At">Since when it stands there; null when it does not.</param>
internal sealed record RelationMarker(IReadOnlyDictionary<string, Places> Operations, DateTimeOffset? At)
{
    public Places? Find(string operation) => Operations.TryGetValue(operation, out var places) ? places : null;

    public RelationMarker With(string operation, Places places) => this with { Operations = new Dictionary<string, Places>(Operations) { [operation] = places } };

    public RelationMarker Without(IEnumerable<string> operations) =>
        this with { Operations = Operations.ExceptBy(operations, one => one.Key).ToDictionary(one => one.Key, one => one.Value) };

    public static RelationMarker FromRow(TableEntity? row) => new((row?.GetString("Operations") ?? "")
        .Split(';', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split(':'))
        .ToDictionary(one => one[0], one => (Places)int.Parse(one[1], CultureInfo.InvariantCulture)), row?.GetDateTimeOffset("At"));

    public TableEntity ToRow(string peer, DateTimeOffset now) => new()
    {
        RowKey = RelationRows.Marker(peer),
        ["At"] = At ?? now,
        ["Operations"] = string.Join(';', Operations.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Key}:{(int)one.Value}"))),
    };
}
