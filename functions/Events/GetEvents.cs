using Parley.Accounts;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Events;

/// <summary>
/// Pulls a piece of an account's event timeline: what a device missed. For clients; see docs/client-protocol.md.
/// <code>
/// POST /v4/openim/get_events
/// { "Owner_Account": "jonas", "AfterSeq": 6, "MaxCnt": 100 }
/// → { "ActionStatus": "OK", …, "Timeline": "events", "Epoch": 1699990000123, "FirstSeq": 1, "LastSeq": 7, "FromSeq": 7, "UpToSeq": 7,
///     "Events": [ { "Type": "Relationship", "Timeline": "events", "Seq": 7, "EventTime": 1700000000, "Content": { … } } ] }
/// </code>
/// </summary>
/// <remarks>
/// Oldest first. AfterSeq is 0 if absent, MaxCnt 1 to 100, 100 if absent. The piece covers the numbers FromSeq to UpToSeq (nothing if UpToSeq is
/// less): what is missing in between is gone, as is all before FirstSeq. EventTime is in Unix seconds.
/// Errors: 60010 another account's events, 90001 a number is wrong, 90008 Owner_Account. Our own command.
/// </remarks>
public sealed class GetEvents(AccountDirectory accounts, EventReader events, TimeProvider time) : ICommand<GetEventsRequest, GetEventsResponse>
{
    public async Task<Result<GetEventsResponse>> HandleAsync(Caller caller, GetEventsRequest request, CancellationToken cancellation)
    {
        var account = request.Owner ?? caller.Account;
        if (caller.RefuseAs(account, "Owner_Account") is { } forbidden)
        {
            return forbidden;
        }

        var owner = new AccountKey(caller.App.SdkAppId, account);
        if (!await accounts.ExistsAsync(owner, cancellation))
        {
            return ApiError.FromAccountInvalid.In("Owner_Account");
        }

        var head = await events.ReadHeadAsync(owner, cancellation);
        var first = head.FirstSeq(time.GetUtcNow());
        var from = Math.Max(Math.Min(request.AfterSeq, head.LastSeq) + 1, first);
        var to = Math.Min(head.LastSeq, from + request.MaxCount - 1);
        return new GetEventsResponse
        {
            Epoch = head.Epoch,
            FirstSeq = first,
            LastSeq = head.LastSeq,
            FromSeq = from,
            UpToSeq = to,
            Events = await events.ReadAsync(owner, from, to, cancellation),
        };
    }
}

public sealed record GetEventsRequest(string? Owner, long AfterSeq, int MaxCount) : IRequest<GetEventsRequest>
{
    public static GetEventsRequest Read(FieldReader fields)
    {
        var owner = fields.OptionalAccount("Owner_Account", ApiError.FromAccountInvalid);
        var after = fields.OptionalInteger("AfterSeq", ApiError.MessageNumber) ?? 0;
        var count = fields.OptionalInteger("MaxCnt", ApiError.MessageNumber) ?? EventHead.MostKept;
        if (after < 0 || count is < 1 or > EventHead.MostKept)
        {
            fields.Fail(ApiError.MessageNumber.In("AfterSeq or MaxCnt"));
        }

        return new GetEventsRequest(owner, after, (int)Math.Clamp(count, 1, EventHead.MostKept));
    }
}

public sealed record GetEventsResponse : Envelope
{
    public string Timeline => StoredEvent.TimelineName;

    public required long Epoch { get; init; }

    public required long FirstSeq { get; init; }

    public required long LastSeq { get; init; }

    public required long FromSeq { get; init; }

    public required long UpToSeq { get; init; }

    public required IReadOnlyList<StoredEvent> Events { get; init; }
}
