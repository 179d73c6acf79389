using System.Text.Json.Serialization;
using Parley.Accounts;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>
/// Reads an account's blacklist page by page.
/// <code>
/// POST /v4/sns/black_list_get
/// { "From_Account": "mia.k", "StartIndex": 0, "MaxLimited": 30, "LastSequence": 0 }
/// → { "BlackListItem": [ { "To_Account": "spam", "AddBlackTimeStamp": 1560000100 } ], "StartIndex": 0, "CurruentSequence": 4, "CurrentSequence": 4, "ActionStatus": "OK", … }
/// </code>
/// </summary>
/// <remarks>
/// Units: AddBlackTimeStamp is in Unix seconds. StartIndex of the answer is where the next page begins, 0 after the last. MaxLimited is 1 to 1000. With
/// LastSequence as it is still, nobody is listed. The misspelt field is the reference's, the other is for those who read it as it is meant.
/// Errors: 30001 a field, 30003 unknown account, 30004 another account. Source: API reference, sns §4.3.
/// </remarks>
public sealed class GetBlacklist(AccountDirectory accounts, RelationReader reader) : ICommand<GetBlacklistRequest, GetBlacklistResponse>
{
    public async Task<Result<GetBlacklistResponse>> HandleAsync(Caller caller, GetBlacklistRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var list = await reader.ReadAsync(owner, RelationKind.Blacklist, cancellation, most: request.Start + request.Count + 1);
        var isNews = request.LastSequence == 0 || request.LastSequence != list.Head.BlacklistSequence;
        var end = request.Start + request.Count;
        return new GetBlacklistResponse
        {
            BlackListItem = isNews ? [.. list.Peers.Skip(request.Start).Take(request.Count).Select(row => new BlacklistItem(row.Peer, row.Relation.Blocks))] : [],
            StartIndex = isNews && list.Peers.Count > end ? end : 0,
            CurruentSequence = list.Head.BlacklistSequence,
            CurrentSequence = list.Head.BlacklistSequence,
        };
    }
}

public sealed record GetBlacklistRequest(RelationOwner Owner, int Start, int Count, long LastSequence) : IRequest<GetBlacklistRequest>
{
    private const int MostItems = 1_000;

    public static GetBlacklistRequest Read(FieldReader fields)
    {
        var count = fields.Integer("MaxLimited", ApiError.RelationParameter);
        if (count < 1)
        {
            fields.Fail(ApiError.RelationParameter.In("MaxLimited"));
        }

        return new GetBlacklistRequest(
            RelationOwner.Read(fields), GetFriendsRequest.ReadStart(fields), (int)Math.Clamp(count, 1, MostItems),
            fields.OptionalInteger("LastSequence", ApiError.RelationParameter) ?? 0);
    }
}

public sealed record GetBlacklistResponse : DisplayEnvelope
{
    public required IReadOnlyList<BlacklistItem> BlackListItem { get; init; }

    public required int StartIndex { get; init; }

    public required long CurruentSequence { get; init; }

    public required long CurrentSequence { get; init; }
}

public sealed record BlacklistItem([property: JsonPropertyName("To_Account")] string ToAccount, long AddBlackTimeStamp);
