using Parley.Storage;

namespace Parley.Messages;

/// <summary>Takes a conversation out of its owner's list until the next message, and deletes its history if asked to.</summary>
public sealed class ConversationRemoval(ConversationCopies copies, ConversationTrimming trimming)
{
    /// <summary>Removes a conversation; what was unread counts as read.</summary>
    /// <param name="clearsHistory">Whether the owner's copy of the messages goes too.</param>
    /// <returns>What the owner's devices shall hear; null when there was nothing to remove.</returns>
    public async Task<C2CEvent?> RemoveAsync(AccountKey owner, string peer, bool clearsHistory)
    {
        var change = await copies.ApplyAsync(owner, peer, copy => Remove(copy, clearsHistory));
        if (change is not null && clearsHistory)
        {
            trimming.DeleteClearedBeside(owner, peer);
        }

        return change;
    }

    private static C2CEvent? Remove(ConversationCopy copy, bool clearsHistory)
    {
        var isEmpty = copy.Head is { } head && head.GetInt64("ClearedSeq") == head.GetInt64("LastSeq")
            && !(head.GetInt64(ImportedMessage.HeadAfterColumn) >= head.GetInt64("ClearedSeq"));
        if (copy.Head is null || (copy.Head.GetBoolean("Hidden") == true && (!clearsHistory || isEmpty)))
        {
            return null;
        }

        var change = new C2CEvent { Type = C2CEvent.ConversationDelete, UnreadMsgNum = 0, ClearRamble = clearsHistory ? 1 : null };
        return copy.Append(change, (next, appended) =>
        {
            next["Hidden"] = true;
            next["Unread"] = 0L;
            next["ReadSeq"] = appended.Sequence;
            if (clearsHistory)
            {
                next["ClearedSeq"] = appended.Sequence;
            }
        });
    }
}
