using System.Text.Json;
using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// Entries of a conversation's log that are no messages but say what became of messages: recalled, modified, deleted, read. They are
/// numbered with the messages, so that a device that missed one finds a gap and pulls it like a message.
/// </summary>
/// <remarks>Row: that of an entry, and Change, the event as JSON without what the row holds anyway.</remarks>
public static class ConversationChange
{
    /// <summary>What tells it from a message.</summary>
    public const string Column = "Change";

    /// <summary>Whether an entry is a change, not a message.</summary>
    public static bool IsChange(TableEntity row) => row.ContainsKey(Column);

    /// <summary>Appends a change to one side's copy.</summary>
    /// <param name="updateHead">Writes what changes of the conversation itself.</param>
    /// <returns>The change as its owner's devices shall hear it.</returns>
    public static C2CEvent Append(
        PartitionView view, TableEntity head, string peer, C2CEvent change, DateTimeOffset now, Action<TableEntity, AppendedEntry>? updateHead = null)
    {
        var row = new TableEntity { [Column] = JsonSerializer.Serialize(change, ParleyJson.Wire.C2CEvent) };
        var appended = Timeline.AppendNameless(
            view, ConversationTable.Rows(peer), head, row, now.ToUnixTimeSeconds(), now, (next, entry) => updateHead?.Invoke(next, entry));
        return Placed(change, peer, appended.Sequence, appended.Time);
    }

    /// <summary>Reads a change back from its row.</summary>
    public static C2CEvent FromRow(TableEntity row, string peer) => Placed(
        JsonSerializer.Deserialize(row.GetString(Column), ParleyJson.Wire.C2CEvent) ?? throw new JsonException("The change is null."),
        peer, row.GetInt64("Seq") ?? 0, row.GetInt64("Time") ?? 0);

    private static C2CEvent Placed(C2CEvent change, string peer, long sequence, long time) =>
        change with { Timeline = C2CEvent.TimelineOf(peer), Seq = sequence, MsgTimeStamp = time };
}
