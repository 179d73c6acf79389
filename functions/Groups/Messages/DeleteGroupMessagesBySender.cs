using Azure.Data.Tables;
using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>
/// Deletes what an account said among the latest 1000 messages of a group.
/// <code>
/// POST /v4/group_open_http_svc/delete_group_msg_by_sender
/// { "GroupId": "hiking-2019", "Sender_Account": "u_spam" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Some at a time; a call that breaks off is repeated. Nobody is shown a notice; devices hear a GroupDelete with the numbers, so that they drop the messages. Live rooms: success without effect.
/// Errors: 10004, 10010, 10015, 110003 no such topic, 60010 not an administrator. Source: API reference, groups §5.5.
/// </remarks>
public sealed class DeleteGroupMessagesBySender(GroupStore groups, GroupDelivery delivery) : ICommand<DeleteGroupMessagesBySenderRequest, Envelope>
{
    private const int Latest = 1_000;

    // Message rows; besides them there are the head, the log's entry and the sender.
    private const int AtOnce = GroupStore.RowsAtOnce;

    private static readonly string[] Columns = ["PartitionKey", "RowKey", "Seq", GroupMessage.FromColumn, GroupMessage.RecalledColumn, GroupMessage.DeletedColumn];

    public async Task<Result<Envelope>> HandleAsync(Caller caller, DeleteGroupMessagesBySenderRequest request, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if (await groups.ReadHeadAsync(key, cancellation) is not { } head)
        {
            return key.NotFound;
        }

        var actor = GroupActor.Of(caller);
        foreach (var numbers in head.Traits.IsLive ? [] : (await FindAsync(key, head, request.Sender, cancellation)).Chunk(AtOnce))
        {
            var attempt = Guid.NewGuid().ToString("N");
            if (!(await groups.ApplyAsync(key, group => Delete(group, actor, request.Sender, numbers, attempt), cancellation)).TryGet(out var change, out var error))
            {
                return error;
            }

            if (change is not null)
            {
                await delivery.SendAsync(key, head.HeardEpoch, change);
            }
        }

        return Envelope.Ok;
    }

    private async Task<List<long>> FindAsync(GroupKey key, GroupHead head, string sender, CancellationToken cancellation)
    {
        var rows = GroupPartition.Messages;
        var (from, to) = (rows.Entry(Math.Max(head.OldestSeq, head.LastSeq - Latest + 1)), rows.Entry(head.LastSeq + 1));
        var found = new List<long>();
        await foreach (var row in groups.QueryAsync(key, from, to, cancellation, Columns))
        {
            if (IsThere(row, sender))
            {
                found.Add(row.GetInt64("Seq") ?? 0);
            }
        }

        return found;
    }

    /// <summary>Deletes those of some messages that the account sent and that are still there, in one transaction.</summary>
    internal static Result<GroupChange?> Delete(GroupPartition group, GroupActor actor, string sender, long[] numbers, string attempt)
    {
        if (group.Head is not { } head)
        {
            return group.Key.NotFound;
        }

        if (group.RefuseChange(head, GroupAction.DeleteMessages, actor) is { } refusal)
        {
            return refusal;
        }

        var rows = numbers.Select(number => group.Rows.Get(GroupPartition.Messages.Entry(number))).OfType<TableEntity>().ToList();
        if (rows.Select(row => GroupMessage.ChangeOf(row, attempt)).FirstOrDefault(number => number is not null) is { } done)
        {
            return group.FindChange(done);
        }

        rows.RemoveAll(row => !IsThere(row, sender));
        if (rows.Count == 0)
        {
            return (GroupChange?)null;
        }

        head = group.Uncount(head, rows.Select(GroupMessage.FromRow));
        var change = group.AppendChange(head, GroupEvent.Delete, number =>
            GroupEvents.OfChange(group.Key, head.Epoch, GroupEvent.Delete, number, rows.ConvertAll(row => row.GetInt64("Seq") ?? 0), actor));
        rows.ForEach(row => group.Rows.Put(GroupMessage.Marked(GroupMessage.Deleted(row), attempt, change.Sequence)));
        return change;
    }

    private static bool IsThere(TableEntity row, string sender) =>
        row.GetString(GroupMessage.FromColumn) == sender && row.GetBoolean(GroupMessage.RecalledColumn) != true && row.GetBoolean(GroupMessage.DeletedColumn) != true;
}

public sealed record DeleteGroupMessagesBySenderRequest(string GroupId, string Sender) : IRequest<DeleteGroupMessagesBySenderRequest>
{
    public static DeleteGroupMessagesBySenderRequest Read(FieldReader fields) => new(fields.GroupOrTopic(), fields.Account("Sender_Account", ApiError.GroupParameter));
}
