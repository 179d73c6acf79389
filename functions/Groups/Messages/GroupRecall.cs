using Azure.Data.Tables;
using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>What became of a recall.</summary>
/// <param name="HeardEpoch">See <see cref="GroupHead.HeardEpoch"/>.</param>
/// <param name="Change">The log's entry; null when nothing was recalled.</param>
public sealed record GroupRecalled(IReadOnlyList<RecalledItem> Items, long HeardEpoch, GroupChange? Change);

/// <summary>Recalls messages, as a pure function of the group's partition.</summary>
/// <param name="OwnSeconds">For how long one may recall one's own.</param>
/// <param name="Start">What is older, in Unix seconds, is gone.</param>
/// <param name="Attempt">Names the request, so that its own replay changes nothing more.</param>
public sealed record GroupRecall(IReadOnlyList<long> Numbers, GroupActor Actor, string Reason, int OwnSeconds, long Start, string Attempt)
{
    /// <summary>Has the app told of the messages that are recalled, in the same transaction.</summary>
    public Action<GroupPartition, GroupHead, IEnumerable<long>> Tell { get; init; } = static (_, _, _) => { };

    public Result<GroupRecalled> Apply(GroupPartition group)
    {
        if (group.Head is not { } head)
        {
            return group.Key.NotFound;
        }

        if (group.RefuseChange(head, GroupAction.Recall, Actor) is { } refusal)
        {
            return refusal;
        }

        var isAnybodys = group.Refuse(head, GroupAction.RecallOthers, Actor) is null;
        var sight = GroupSight.Of(group, head, Actor, Start);
        var rows = Numbers.Select(number => (Number: number, Row: group.Rows.Get(GroupPartition.Messages.Entry(number)))).ToList();
        var items = rows.ConvertAll(found => new RecalledItem(found.Number, Judge(found.Row, sight, isAnybodys, group.NowSeconds)?.Code ?? 0));
        var good = rows.Where((_, i) => items[i].RetCode == 0).Select(found => found.Row!).ToList();
        if (good.Select(row => GroupMessage.ChangeOf(row, Attempt)).FirstOrDefault(number => number is not null) is { } done)
        {
            return new GroupRecalled(items, head.HeardEpoch, group.FindChange(done));
        }

        var now = good.Where(row => row.GetBoolean(GroupMessage.RecalledColumn) != true).ToList();
        return new GroupRecalled(items, head.HeardEpoch, now.Count == 0 ? null : Recall(group, head, now));
    }

    private GroupChange Recall(GroupPartition group, GroupHead head, List<TableEntity> rows)
    {
        var messages = rows.ConvertAll(GroupMessage.FromRow);
        Tell(group, head, messages.Select(message => message.Seq));
        head = group.Uncount(head, messages);
        var change = group.AppendChange(head, GroupEvent.Recall, number =>
            GroupEvents.OfChange(group.Key, head.Epoch, GroupEvent.Recall, number, messages.ConvertAll(message => message.Seq), Actor) with { Reason = Reason.Length > 0 ? Reason : null });
        var by = Actor.IsAppAdmin ? "" : Actor.Account;
        rows.ForEach(row => group.Rows.Put(GroupMessage.Marked(GroupMessage.Recalled(row, by, Reason), Attempt, change.Sequence)));
        return change;
    }

    // A repeated recall finds what it wants.
    private ApiError? Judge(TableEntity? row, GroupSight sight, bool isAnybodys, long now)
    {
        if (row is null || GroupMessage.FromRow(row) is not { } message || !sight.Sees(message))
        {
            return ApiError.GroupMessageNotFound;
        }

        return message.IsTip ? ApiError.GroupMessageNotRecallable
            : message.IsRecalled || isAnybodys ? null
            : message.From != Actor.Account ? ApiError.GroupNotPermitted
            : now - message.Time > OwnSeconds ? ApiError.GroupRecallTimeOver
            : null;
    }
}
