using System.Diagnostics;
using Parley.Activities;
using Parley.Apps;
using Parley.Callbacks;
using Parley.Rest;
using Parley.Statistics;
using Parley.Storage;
using Parley.Telemetry;

namespace Parley.Groups.Messages;

/// <summary>A message as a command hands it over for sending.</summary>
/// <param name="Message">Its content and options; number and times are given here.</param>
/// <param name="Caller">Who asks for it: the sender, or an administrator in the sender's name.</param>
/// <param name="MentionsAll">Whether it mentions everybody.</param>
/// <param name="Mentions">Whom else it mentions.</param>
/// <param name="IsOnlineOnly">Delivered to those who are connected, stored nowhere.</param>
public sealed record OutgoingGroupMessage(
    GroupKey Group, GroupMessage Message, GroupActor Caller, bool MentionsAll, IReadOnlyList<string> Mentions, bool IsOnlineOnly)
{
    /// <summary>The sender's nickname, for those who hear it; null when it has none.</summary>
    public string? Nick { get; init; }

    /// <summary>Who called, by its own name, as callbacks say.</summary>
    public string CalledBy { get; init; } = "";

    /// <summary>The callback that follows it; null for none.</summary>
    public AfterCallback? Callback { get; init; }
}

/// <summary>Where a message was put.</summary>
/// <param name="Seq">0 for one that is stored nowhere, or was dropped.</param>
/// <param name="IsDropped">There were too many; nobody gets it.</param>
public sealed record SentGroupMessage(long Seq, long Time, bool IsDropped, GroupHead Head, EntryRelation Relation = EntryRelation.New)
{
    /// <summary>The sender's name card; null when it has none, or is no member.</summary>
    public string? NameCard { get; init; }
}

/// <summary>
/// Sends a message to a group that stores its messages: one transaction in the group's partition, one delivery to its SignalR group, whatever the group's size.
/// </summary>
/// <remarks>
/// The transaction writes the head and the sender's own row, each under the version on which the decision rests. So a message is in one order with every kick, mute and
/// dismissal of the group: it is accepted before or refused after. What meets in one instance shares transactions.
/// </remarks>
public sealed class GroupMessageSender(GroupStore groups, GroupDelivery delivery, GroupTrimming trimming, DailyStatistics statistics, ActiveHours activity, ParleyMetrics metrics)
{
    /// <summary>Sends a message.</summary>
    /// <returns>Where it is; 10010 no such group, 10007 not a member, 10017 muted.</returns>
    public async Task<Result<SentGroupMessage>> SendAsync(App app, OutgoingGroupMessage message, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var attempt = Guid.NewGuid().ToString("N");
        var sent = await groups.ApplyAsync(message.Group, group => Append(group, app, message, attempt), cancellation);
        if (sent.TryGet(out var stored, out var error) && !stored.IsDropped)
        {
            CountIfNew(message, stored);
            await delivery.SendAsync(message, stored);
            metrics.MessageTimed(MessageKind.Group.ToTag(), Stopwatch.GetElapsedTime(began));
            trimming.TrimBeside(app, message.Group, stored.Head);
            if (stored.Seq > 0)
            {
                await activity.NoteAsync(app, ChatType.Group, stored.Time, message.Group.GroupId);
            }
        }

        return error is null ? stored! : error;
    }

    private void CountIfNew(OutgoingGroupMessage outgoing, SentGroupMessage sent)
    {
        if (sent.Relation != EntryRelation.New)
        {
            return;
        }

        var (app, message) = (outgoing.Group.SdkAppId, outgoing.Message);
        statistics.MessageSentUp(app, MessageKind.Group, message.From, outgoing.Group.Group.GroupId);
        var receivers = message.To.Count > 0 ? message.To.Distinct().Count(account => account != message.From) : Math.Max(sent.Head.Members - 1, 0);
        statistics.MessagesSentDown(app, MessageKind.Group, receivers);
    }

    private static Result<SentGroupMessage> Append(GroupPartition group, App app, OutgoingGroupMessage outgoing, string attempt)
    {
        if (group.Head is not { } head)
        {
            return group.Key.NotFound;
        }

        var message = outgoing.Message;
        var identity = new EntryIdentity($"{KeyText.Escape(message.From)}_{message.Random}", attempt, message.Content.Digest);
        if (!outgoing.IsOnlineOnly && Timeline.FindDuplicate(group.Rows, GroupPartition.Messages, identity, group.Now) is { } duplicate)
        {
            return new SentGroupMessage(duplicate.Sequence, duplicate.Time, false, head, duplicate.Relation) { NameCard = NameCardOf(group.FindMember(message.From)) };
        }

        var sender = group.FindMember(message.From);
        if (FindObjection(group, head, outgoing, sender) is { } objection)
        {
            return objection;
        }

        var (isAccepted, rate) = MessageRate.Parse(head.Rate).Offer(group.NowSeconds, message.Priority, app.GroupMessagesPerSecond);
        if (!isAccepted)
        {
            return new SentGroupMessage(0, group.NowSeconds, true, head);
        }

        head = head with { Rate = rate.ToString() };
        if (outgoing.IsOnlineOnly)
        {
            group.Guard(head, new GroupActor(message.From, IsAppAdmin: false));
            group.Put(head);
            GroupMessageCallbacks.Append(group, head, outgoing, 0, group.NowSeconds);
            return new SentGroupMessage(0, group.NowSeconds, false, head) { NameCard = NameCardOf(sender) };
        }

        return AppendNew(group, head, sender, outgoing, identity);
    }

    private static Result<SentGroupMessage> AppendNew(
        GroupPartition group, GroupHead head, GroupMember? sender, OutgoingGroupMessage outgoing, EntryIdentity identity)
    {
        var message = outgoing.Message;
        var next = head.LastSeq + 1;
        var counts = message.Counts && head.Traits.CountsUnread;
        var before = head;
        head = head with { Counted = head.Counted + (counts ? 1 : 0) };
        head = outgoing.MentionsAll ? head.WithMentionOfAll(next) : head;
        Mention(group, outgoing, next);
        if (sender is not null)
        {
            // Whoever mentions itself has been written just now.
            sender = group.FindMember(sender.Account)!;
            group.Put(sender.WithSent(before, next, group.NowSeconds, counts));
        }

        var others = message.To.Count > 0 ? message.To.Distinct().Count(account => account != message.From) : head.Members - (sender is null ? 0 : 1);
        var stored = message with { Counts = counts, Counted = head.Counted, Others = others };
        var appended = group.Append(head, stored, identity, group.NowSeconds);
        GroupMessageCallbacks.Append(group, head, outgoing, appended.Sequence, appended.Time);
        return new SentGroupMessage(appended.Sequence, appended.Time, false, head, appended.Relation) { NameCard = NameCardOf(sender) };
    }

    private static string? NameCardOf(GroupMember? member) => member?.NameCard is { Length: > 0 } card ? card : null;

    private static void Mention(GroupPartition group, OutgoingGroupMessage outgoing, long sequence)
    {
        foreach (var account in outgoing.Mentions.Distinct())
        {
            if (group.FindMember(account) is { } mentioned)
            {
                group.Put(mentioned with { Mentions = GroupHead.Latest(mentioned.Mentions, sequence) });
            }
        }
    }

    // An administrator may send in anybody's name, member or not; a member in whose name it sends may be muted all the same.
    private static ApiError? FindObjection(GroupPartition group, GroupHead head, OutgoingGroupMessage outgoing, GroupMember? sender)
    {
        var role = outgoing.Caller.IsAppAdmin ? GroupRole.AppAdmin : sender?.Role ?? GroupRole.NotMember;
        var action = outgoing.IsOnlineOnly ? GroupAction.SendOnlineOnly : outgoing.Message.To.Count > 0 ? GroupAction.SendTargeted : GroupAction.Send;
        if (GroupRights.Refuse(head.Type, action, role) is { } refusal)
        {
            return refusal;
        }

        return sender?.IsSilenced(head, group.NowSeconds) == true ? ApiError.GroupSenderMuted : null;
    }
}
