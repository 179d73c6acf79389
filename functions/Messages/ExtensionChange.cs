using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>What to do with a message's extensions.</summary>
public enum ExtensionOperation
{
    Set = 1,
    Delete = 2,
    Clear = 3,
}

/// <summary>One pair of a request.</summary>
/// <param name="Seq">The version that the caller knows; 0 for a pair that it believes new.</param>
public sealed record ExtensionItem(string Key, string Value, long Seq);

/// <summary>What became of one pair: it as it is now, and 23001 when the caller's version was old.</summary>
public sealed record ExtensionItemResult(int ErrorCode, MessageExtension Extension);

/// <summary>What became of a request.</summary>
/// <param name="Latest">Version of the whole; null when nothing was changed.</param>
public sealed record ExtensionOutcome(IReadOnlyList<ExtensionItemResult> Items, long? Latest, C2CEvent? Event);

/// <summary>One change of a one-to-one message's extensions, as a pure function of the receiver's partition.</summary>
internal sealed record ExtensionChange(string Sender, MessageKey Key, bool IsOutgoing, ExtensionEdit Edit)
{
    /// <summary>Makes the change; 23002, 23003, 23004 or 10004 when it cannot be made.</summary>
    public Result<ExtensionOutcome> Apply(PartitionView view)
    {
        var copy = new ConversationCopy(view, Sender, Edit.Now);
        var headKey = ExtensionRows.Head(Sender, Key);
        var known = view.Get(headKey);
        if (copy.FindStored(Key, IsOutgoing) is not { } message || message.GetBoolean(StoredMessage.RecalledColumn) == true)
        {
            return ApiError.ExtensionOfNoMessage;
        }

        if (message.GetBoolean(StoredMessage.SupportsExtensionColumn) != true)
        {
            return ApiError.ExtensionNotSupported;
        }

        if (!Edit.Apply(view, headKey, known).TryGet(out var edited, out var error))
        {
            return error;
        }

        if (edited.Head is not { } head)
        {
            return new ExtensionOutcome(edited.Items, edited.Latest, edited.NotedAt is { } noted ? copy.FindChange(noted) : null);
        }

        // The same row again: its version guards what was read of it.
        copy.Replace(message, message.Copy());
        var change = new C2CEvent { Type = C2CEvent.Extension, MsgKey = Key.ToString(), TargetSeq = message.GetInt64("Seq"), LatestSeq = edited.Latest };
        return new ExtensionOutcome(edited.Items, edited.Latest, copy.Append(change, (next, appended) =>
        {
            next[ExtensionTrimming.HeadColumn] = true;
            ExtensionEdit.NoteAt(head, appended.Sequence);
        }));
    }
}
