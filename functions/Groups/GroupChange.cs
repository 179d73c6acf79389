using Azure.Data.Tables;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups;

/// <summary>
/// What became of a group or of its messages, besides new messages: row <c>e|{number}</c>, a log of its own with dense numbers, so that
/// the messages' numbers stay those of the reference.
/// </summary>
/// <param name="Sequence">Its number, from 1.</param>
/// <param name="Type">As in <see cref="GroupEvent"/>.</param>
/// <param name="Time">Unix seconds.</param>
/// <param name="Json">The event as members hear it.</param>
public sealed record GroupChange(long Sequence, string Type, long Time, RawJson Json)
{
    /// <summary>Prefix of the rows.</summary>
    public const string Prefix = "e|";

    public static string RowKeyOf(long sequence) => Prefix + KeyText.Sequence(sequence);

    public static GroupChange FromRow(TableEntity row) =>
        new(row.GetInt64("Seq") ?? 0, row.GetString("Type") ?? "", row.GetInt64("Time") ?? 0, new RawJson(row.GetString("Json") ?? "{}"));

    public TableEntity ToRow() => new() { RowKey = RowKeyOf(Sequence), ["Seq"] = Sequence, ["Type"] = Type, ["Time"] = Time, ["Json"] = Json.Text };
}
