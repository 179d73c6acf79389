using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// Whether the owner of a conversation takes no messages from the other one: column Blocked of its head. Every message to the owner rests on the version of
/// that row, so whoever changes it there is heard by all instances with the next message, and nobody has to read anything for it.
/// </summary>
public static class ConversationBlock
{
    private const string Column = "Blocked";

    public static bool IsBlocked(TableEntity? head) => head?.GetBoolean(Column) == true;

    /// <summary>Blocks or unblocks. Where there is no conversation, an empty one that no list shows keeps the place.</summary>
    public static void Set(PartitionView view, string peer, bool isBlocked, DateTimeOffset now)
    {
        var rows = ConversationTable.Rows(peer);
        var head = view.Get(rows.Head);
        if (head is null && !isBlocked)
        {
            return;
        }

        var next = head?.Copy() ?? Timeline.Begin(rows, now);
        next[Column] = isBlocked;
        if (head is null)
        {
            next["Hidden"] = true;
        }

        view.Put(next);
    }

    /// <summary>Makes every instance look again at what it remembers of the owner: something that a check goes by has changed.</summary>
    public static void Touch(PartitionView view, string peer)
    {
        if (view.Get(ConversationTable.Rows(peer).Head) is { } head)
        {
            view.Put(head.Copy());
        }
    }
}
