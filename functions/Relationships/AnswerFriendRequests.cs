using Parley.Accounts;
using Parley.Events;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>
/// Answers requests for friendship. For clients; see docs/client-protocol.md.
/// <code>
/// POST /v4/sns/friend_response
/// { "From_Account": "jonas", "ResponseFriendItem": [ { "To_Account": "mia.k", "ResponseAction": "Response_Action_AgreeAndAdd", "Remark": "Mia", "GroupName": "Work" } ] }
/// → see RelationResultsResponse
/// </code>
/// </summary>
/// <remarks>
/// Response_Action_Agree: the one who asked gets the account into its list; Response_Action_AgreeAndAdd: in both directions; Response_Action_Reject. TagName
/// is another name of GroupName.
/// Errors: 30001 a field, 30003 unknown account, 30004 another account. Items: 30001 text too long, 30003, 30005 a dirty word, 30006, 30010 30014 a list is full, 30011 groups,
/// 30614 no such request, 38000 to 39000 refused by the app's callback. Our own command, in the shape of an old client library (API reference, sns §2, callbacks §5.2).
/// </remarks>
public sealed class AnswerFriendRequests(
    AccountDirectory accounts, RelationWriter relations, RelationCallbacks callbacks, RelationTextCheck texts, RelationBatch batch) : ICommand<AnswerRequestsRequest, RelationResultsResponse>
{
    public async Task<Result<RelationResultsResponse>> HandleAsync(Caller caller, AnswerRequestsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        if (!(await callbacks.AskToAnswerAsync(caller, request, cancellation)).TryGet(out var unwanted, out refused))
        {
            return refused;
        }

        return RelationResultsResponse.Of(await batch.RunAsync(
            request.Items, item => item.To, async item => unwanted.Find(item.To)
                ?? await texts.CheckAsync(caller.App, "", "", item.Remark, item.Group is null ? [] : [item.Group], cancellation)
                ?? await relations.ApplyAsync(caller.App, owner.Account, item.To, OperationOf(item), callbacks.OfAnswer(caller, item.To)),
            cancellation));
    }

    private static RelationOperation OperationOf(RequestAnswer item) => item.Action == AnswerRequestsRequest.Reject
        ? RelationOperations.DropRequests(comeIn: true, sendOut: false)
        : RelationOperations.Accept(item.Action == AnswerRequestsRequest.AgreeAndAdd, item.Remark, item.Group);
}

public sealed record RequestAnswer(string To, string Action, string Remark, string? Group);

public sealed record AnswerRequestsRequest(RelationOwner Owner, IReadOnlyList<RequestAnswer> Items) : IRequest<AnswerRequestsRequest>
{
    internal const string AgreeAndAdd = "Response_Action_AgreeAndAdd";
    internal const string Reject = "Response_Action_Reject";

    private const string Agree = "Response_Action_Agree";
    private const int MostItems = 1_000;

    public static AnswerRequestsRequest Read(FieldReader fields)
    {
        var items = fields.Objects("ResponseFriendItem", ApiError.RelationParameter);
        if (items.Count is 0 or > MostItems)
        {
            fields.Fail(ApiError.RelationParameter.In("ResponseFriendItem"));
        }

        return new AnswerRequestsRequest(RelationOwner.Read(fields), [.. items.Select(ReadItem)]);
    }

    private static RequestAnswer ReadItem(FieldReader item)
    {
        var action = item.Text("ResponseAction", ApiError.RelationParameter);
        if (action is not (Agree or AgreeAndAdd or Reject))
        {
            item.Fail(ApiError.RelationParameter.In("ResponseAction"));
        }

        var group = item.OptionalText("GroupName", ApiError.RelationParameter) ?? item.OptionalText("TagName", ApiError.RelationParameter);
        return new RequestAnswer(
            item.Text("To_Account", ApiError.RelationParameter), action, item.OptionalText("Remark", ApiError.RelationParameter) ?? "", group is { Length: > 0 } ? group : null);
    }
}

/// <summary>
/// Takes requests for friendship away: received ones (as a refusal does), sent ones, or both. For clients.
/// <code>
/// POST /v4/sns/pendency_delete
/// { "From_Account": "mia.k", "PendencyType": "Pendency_Type_SendOut", "To_Account": ["jonas"] }
/// → see RelationResultsResponse
/// </code>
/// </summary>
/// <remarks>
/// Errors: 30001 a field, 30003 unknown account, 30004 another account. Items: 30003, 30006, 30614 no such request. Our own command, likewise.
/// </remarks>
public sealed class DeleteFriendRequests(AccountDirectory accounts, RelationWriter relations, RelationBatch batch) : ICommand<DeleteRequestsRequest, RelationResultsResponse>
{
    public async Task<Result<RelationResultsResponse>> HandleAsync(Caller caller, DeleteRequestsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var operation = RelationOperations.DropRequests(request.Types.HasFlag(PendencyTypes.ComeIn), request.Types.HasFlag(PendencyTypes.SendOut));
        return RelationResultsResponse.Of(await batch.RunAsync(
            request.Peers, peer => peer, peer => relations.ApplyAsync(caller.App, owner.Account, peer, operation), cancellation));
    }
}

public sealed record DeleteRequestsRequest(RelationOwner Owner, PendencyTypes Types, IReadOnlyList<string> Peers) : IRequest<DeleteRequestsRequest>
{
    public static DeleteRequestsRequest Read(FieldReader fields) =>
        new(RelationOwner.Read(fields), GetFriendRequestsRequest.ReadTypes(fields), RelationOwner.ReadPeers(fields));
}

/// <summary>
/// Notes that the requests which came up to a time were seen; they count as unread no more. For clients.
/// <code>
/// POST /v4/sns/pendency_report
/// { "From_Account": "jonas", "TimeStamp": 1700000000 }
/// → { "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// TimeStamp is in Unix seconds, now if absent; an earlier one than before changes nothing. The account's devices hear of it.
/// Errors: 30001 a field, 30003 unknown account, 30004 another account. Our own command, likewise.
/// </remarks>
public sealed class MarkFriendRequestsSeen(AccountDirectory accounts, TableStore tables, AccountEvents events, TimeProvider time) : ICommand<MarkRequestsSeenRequest, DisplayEnvelope>
{
    public async Task<Result<DisplayEnvelope>> HandleAsync(Caller caller, MarkRequestsSeenRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var (now, id) = (time.GetUtcNow(), $"requests seen {Guid.NewGuid():N}");
        var seenAt = Math.Min(request.Time ?? now.ToUnixTimeSeconds(), now.ToUnixTimeSeconds());
        var told = await tables.AccountWriter.ApplyAsync(owner.PartitionKey, view => Note(view, seenAt, id, now), CancellationToken.None);
        await events.DeliverAsync(owner, told);
        return DisplayEnvelope.Ok;
    }

    // Without a head there is no request that could have been seen.
    private static StoredEvent? Note(PartitionView view, long seenAt, string id, DateTimeOffset now)
    {
        if (view.Get(RelationRows.Head) is not { } row || RelationHead.FromRow(row) is not { } head || head.RequestsSeenAt >= seenAt)
        {
            return EventTimeline.Find(view, id);
        }

        view.Put((head with { RequestsSeenAt = seenAt }).ToRow());
        return EventTimeline.Append(
            view, AccountEvent.Create(id, RequestsSeenContent.EventType, new RequestsSeenContent(seenAt), ParleyJson.Wire.RequestsSeenContent), now);
    }
}

public sealed record MarkRequestsSeenRequest(RelationOwner Owner, long? Time) : IRequest<MarkRequestsSeenRequest>
{
    public static MarkRequestsSeenRequest Read(FieldReader fields) =>
        new(RelationOwner.Read(fields), fields.OptionalInteger("TimeStamp", ApiError.RelationParameter));
}
