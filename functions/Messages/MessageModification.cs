using Azure.Data.Tables;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>The content of a message after a modification.</summary>
/// <param name="Revision">Counts the modifications of the message; a copy takes only what is newer than what it has.</param>
public sealed record ModifiedContent(RawJson MsgBody, string? CloudCustomData, long Revision);

/// <summary>
/// Gives a stored message another content. The sender's copy decides the order of modifications, the receiver's follows it, so that both
/// end with the same content however they meet.
/// </summary>
public sealed class MessageModification(ConversationCopies copies)
{
    private const string RevisionColumn = "Revision";
    private const string AttemptColumn = "ModifyAttempt";
    private const string SeqColumn = "ModifySeq";

    /// <summary>Changes what is given of the content, in the copy that decides.</summary>
    /// <param name="attempt">Names the request, so that its own replay is no second modification.</param>
    /// <param name="mostBytes">The largest message that the app allows.</param>
    /// <returns>The outcome, and the whole content for the other copy when it is done.</returns>
    public Task<(ChangeOutcome Outcome, ModifiedContent? Content)> DecideAsync(
        AccountKey owner, string peer, MessageKey key, bool isOutgoing, RawJson? body, string? customData, string attempt, int mostBytes) =>
        copies.ApplyAsync(owner, peer, copy => Decide(copy, key, isOutgoing, body, customData, attempt, mostBytes));

    /// <summary>Gives the other copy the content that was decided, unless it has a newer one.</summary>
    public Task<ChangeOutcome> FollowAsync(AccountKey owner, string peer, MessageKey key, bool isOutgoing, ModifiedContent content) =>
        copies.ApplyAsync(owner, peer, copy => Follow(copy, key, isOutgoing, content));

    private static (ChangeOutcome, ModifiedContent?) Decide(
        ConversationCopy copy, MessageKey key, bool isOutgoing, RawJson? body, string? customData, string attempt, int mostBytes)
    {
        if (copy.Find(key, isOutgoing) is not { } message)
        {
            return (ChangeOutcome.NotFound, null);
        }

        if (message.GetBoolean(StoredMessage.RecalledColumn) == true)
        {
            return (new ChangeOutcome(ChangeResult.Recalled), null);
        }

        var revision = message.GetInt64(RevisionColumn) ?? 0;
        if (message.GetString(AttemptColumn) == attempt)
        {
            return (new ChangeOutcome(ChangeResult.Done, copy.FindChange(message.GetInt64(SeqColumn))), Content(message, revision));
        }

        var content = new ModifiedContent(body ?? Body(message), customData ?? message.GetString("CloudCustomData"), revision + 1);
        return MessageContent.SizeOf(content.MsgBody, content.CloudCustomData, null) > mostBytes
            ? (new ChangeOutcome(ChangeResult.TooLarge), null)
            : (Write(copy, key, message, content, attempt), content);
    }

    private static ChangeOutcome Follow(ConversationCopy copy, MessageKey key, bool isOutgoing, ModifiedContent content) => copy.Find(key, isOutgoing) switch
    {
        null => ChangeOutcome.NotFound,
        var message when message.GetBoolean(StoredMessage.RecalledColumn) == true => new ChangeOutcome(ChangeResult.Recalled),
        var message when (message.GetInt64(RevisionColumn) ?? 0) >= content.Revision => ChangeOutcome.Unchanged,
        var message => Write(copy, key, message, content, null),
    };

    private static ChangeOutcome Write(ConversationCopy copy, MessageKey key, TableEntity message, ModifiedContent content, string? attempt)
    {
        var modified = message.Copy();
        modified["MsgBody"] = content.MsgBody.Text;
        modified[RevisionColumn] = content.Revision;
        if (content.CloudCustomData is { } data)
        {
            modified["CloudCustomData"] = data;
        }

        if (attempt is not null)
        {
            modified[AttemptColumn] = attempt;
        }

        copy.Replace(message, modified);
        return new ChangeOutcome(ChangeResult.Done, copy.Append(Change(key, message, content), (_, appended) => modified[SeqColumn] = appended.Sequence));
    }

    private static C2CEvent Change(MessageKey key, TableEntity message, ModifiedContent content) => new()
    {
        Type = C2CEvent.Modify,
        MsgKey = key.ToString(),
        TargetSeq = message.GetInt64("Seq"),
        MsgBody = content.MsgBody,
        CloudCustomData = content.CloudCustomData,
    };

    private static ModifiedContent Content(TableEntity message, long revision) => new(Body(message), message.GetString("CloudCustomData"), revision);

    private static RawJson Body(TableEntity message) => new(message.GetString("MsgBody") ?? "[]");
}
