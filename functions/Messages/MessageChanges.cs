using Parley.Storage;

namespace Parley.Messages;

/// <summary>What a change found in one side's copy.</summary>
public enum ChangeResult
{
    /// <summary>No such message there.</summary>
    NotFound,

    /// <summary>The message was recalled before.</summary>
    Recalled,

    /// <summary>The message would become larger than the app allows.</summary>
    TooLarge,

    /// <summary>The copy is as it shall be.</summary>
    Done,
}

/// <summary>The outcome of a change in one side's copy.</summary>
/// <param name="Event">What the owner's devices shall hear; null when nothing changed.</param>
public readonly record struct ChangeOutcome(ChangeResult Result, C2CEvent? Event = null)
{
    public static readonly ChangeOutcome NotFound = new(ChangeResult.NotFound);
    public static readonly ChangeOutcome Unchanged = new(ChangeResult.Done);
}

/// <summary>Changes stored messages in one side's copy of a conversation, each in one transaction with its entry in the log. Safe to repeat;
/// after a lost answer a change other than a recall may find itself done and leave telling the devices to the gap in their numbers.</summary>
public sealed class MessageChanges(ConversationCopies copies)
{
    private const string RecallAttemptColumn = "RecallAttempt";
    private const string RecallSeqColumn = "RecallSeq";

    /// <summary>Takes a message back.</summary>
    /// <param name="isOutgoing">Whether the owner of the copy sent it.</param>
    /// <param name="attempt">Names the request, so that its own replay is no second recall.</param>
    /// <param name="onRecalled">What else the transaction does that takes it back.</param>
    public Task<ChangeOutcome> RecallAsync(AccountKey owner, string peer, MessageKey key, bool isOutgoing, string attempt, Action<PartitionView>? onRecalled = null) =>
        copies.ApplyAsync(owner, peer, copy => Recall(copy, key, isOutgoing, attempt, onRecalled));

    /// <summary>Deletes messages for their owner only, whoever sent them; those that are not there count as deleted.</summary>
    public Task<C2CEvent?> DeleteAsync(AccountKey owner, string peer, IReadOnlyList<MessageKey> keys) =>
        copies.ApplyAsync(owner, peer, copy => Delete(copy, owner.Account == peer, keys));

    /// <summary>Notes that the receiver of messages has sent its read receipt for them.</summary>
    /// <param name="isOutgoing">Whether the owner of the copy sent them.</param>
    public Task<ChangeOutcome> MarkReadByPeerAsync(AccountKey owner, string peer, IReadOnlyList<MessageKey> keys, bool isOutgoing) =>
        copies.ApplyAsync(owner, peer, copy => MarkReadByPeer(copy, keys, isOutgoing));

    private static ChangeOutcome Recall(ConversationCopy copy, MessageKey key, bool isOutgoing, string attempt, Action<PartitionView>? onRecalled)
    {
        if (copy.Find(key, isOutgoing) is not { } message)
        {
            return ChangeOutcome.NotFound;
        }

        if (message.GetBoolean(StoredMessage.RecalledColumn) == true)
        {
            return message.GetString(RecallAttemptColumn) == attempt
                ? new ChangeOutcome(ChangeResult.Done, copy.FindChange(message.GetInt64(RecallSeqColumn)))
                : new ChangeOutcome(ChangeResult.Recalled);
        }

        var recalled = StoredMessage.Recalled(message);
        recalled[RecallAttemptColumn] = attempt;
        copy.Replace(message, recalled);
        onRecalled?.Invoke(copy.View);
        var change = new C2CEvent { Type = C2CEvent.Recall, MsgKey = key.ToString(), TargetSeq = message.GetInt64("Seq") };
        return new ChangeOutcome(ChangeResult.Done, copy.Append(change, (_, appended) => recalled[RecallSeqColumn] = appended.Sequence));
    }

    private static C2CEvent? Delete(ConversationCopy copy, bool isToSelf, IReadOnlyList<MessageKey> keys)
    {
        var targets = new List<C2CTarget>();
        foreach (var (key, isOutgoing) in keys.SelectMany(key => isToSelf ? [(key, true)] : ((MessageKey, bool)[])[(key, true), (key, false)]))
        {
            if (copy.Find(key, isOutgoing) is { } message)
            {
                copy.Replace(message, StoredMessage.Deleted(message));
                targets.Add(ConversationCopy.Target(key, message));
            }
        }

        return targets.Count == 0 ? null : copy.Append(new C2CEvent { Type = C2CEvent.Delete, Targets = targets });
    }

    private static ChangeOutcome MarkReadByPeer(ConversationCopy copy, IReadOnlyList<MessageKey> keys, bool isOutgoing)
    {
        var found = keys.Select(key => (Key: key, Row: copy.Find(key, isOutgoing))).Where(message => message.Row is not null).ToList();
        if (found.Count == 0)
        {
            return ChangeOutcome.NotFound;
        }

        var targets = new List<C2CTarget>();
        foreach (var (key, row) in found.Where(message => message.Row!.GetBoolean(StoredMessage.PeerReadColumn) != true))
        {
            var marked = row!.Copy();
            marked[StoredMessage.PeerReadColumn] = true;
            copy.Replace(row!, marked);
            targets.Add(ConversationCopy.Target(key, row!));
        }

        return targets.Count == 0
            ? ChangeOutcome.Unchanged
            : new ChangeOutcome(ChangeResult.Done, copy.Append(new C2CEvent { Type = C2CEvent.Receipt, Targets = targets }));
    }
}
