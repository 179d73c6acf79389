using System.Text.Json;
using Azure.Data.Tables;
using Parley.Rest;

namespace Parley.Events;

/// <summary>
/// An entry of an account's event timeline, as its devices hear it at once and read it later; see docs/client-protocol.md.
/// <code>
/// { "Type": "Relationship", "Timeline": "events", "Seq": 7, "EventTime": 1700000000, "Content": { … } }
/// </code>
/// </summary>
/// <remarks>EventTime is in Unix seconds and never less than that of the Seq before it.</remarks>
public sealed record StoredEvent(string Type, long Seq, long EventTime, RawJson Content)
{
    public const string TimelineName = "events";

    private const string TypeColumn = "Type";
    internal const string ContentColumn = "Content";

    public string Timeline => TimelineName;

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ParleyJson.Wire.StoredEvent);

    internal static TableEntity ToRow(AccountEvent happened) => new() { [TypeColumn] = happened.Type, [ContentColumn] = happened.Content.Text };

    internal static StoredEvent FromRow(TableEntity row) => new(
        row.GetString(TypeColumn) ?? "", row.GetInt64("Seq") ?? 0, row.GetInt64("Time") ?? 0, new RawJson(row.GetString(ContentColumn) ?? "{}"));
}
