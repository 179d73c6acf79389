using System.Text.Json.Serialization;
using Parley.Accounts;
using Parley.Profiles;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>
/// Reads chosen fields of up to 100 friends, of their profiles too.
/// <code>
/// POST /v4/sns/friend_get_list
/// { "From_Account": "mia.k", "To_Account": ["jonas", "stranger"], "TagList": ["Tag_Profile_IM_Nick", "Tag_SNS_IM_Remark"] }
/// → { "InfoItem": [ { "To_Account": "jonas", "ResultCode": 0, "ResultInfo": "", "SnsProfileItem": [ { "Tag": "Tag_SNS_IM_Remark", "Value": "Jo" } ] },
///       { "To_Account": "stranger", "ResultCode": 30001, "ResultInfo": "Err_SNS_FriendGetList_Friend_Not_Exist" } ], "Fail_Account": ["stranger"], … }
/// </code>
/// </summary>
/// <remarks>
/// Without TagList all fields of the relation are read.
/// Errors: 30001 a field or a tag, 30003 unknown account, 30004 another account; 30001 in an item: no friend. Source: API reference, sns §3.8.
/// </remarks>
public sealed class GetFriendsByName(AccountDirectory accounts, RelationReader reader, FriendFields fields) : ICommand<GetFriendsByNameRequest, GetFriendsByNameResponse>
{
    public async Task<Result<GetFriendsByNameResponse>> HandleAsync(Caller caller, GetFriendsByNameRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        if (FriendFields.Check(caller, request.Tags) is { } wrong)
        {
            return wrong;
        }

        var list = await reader.ReadAsync(owner, request.Peers, cancellation);
        var friends = list.Peers.Where(row => row.Relation.Friend is not null && request.Peers.Contains(row.Peer)).ToList();
        var values = await fields.ReadAsync(caller.App, owner, friends, list.Head, request.Tags, cancellation);
        return new GetFriendsByNameResponse
        {
            InfoItem = [.. request.Peers.Select(peer => values.TryGetValue(peer, out var own)
                ? new FriendInfo(peer, own, 0, "")
                : new FriendInfo(peer, null, ApiError.NotAFriendToRead.Code, ApiError.NotAFriendToRead.Info))],
            FailAccount = RelationResultsResponse.Failed(request.Peers.Where(peer => !values.ContainsKey(peer))),
        };
    }
}

public sealed record GetFriendsByNameRequest(RelationOwner Owner, IReadOnlyList<string> Peers, IReadOnlyList<string> Tags) : IRequest<GetFriendsByNameRequest>
{
    private const int MostPeers = 100;

    public static GetFriendsByNameRequest Read(FieldReader fields) => new(
        RelationOwner.Read(fields), RelationOwner.ReadPeers(fields, MostPeers), fields.OptionalTexts("TagList", ApiError.RelationParameter));
}

public sealed record GetFriendsByNameResponse : DisplayEnvelope
{
    public required IReadOnlyList<FriendInfo> InfoItem { get; init; }

    [JsonPropertyName("Fail_Account")]
    public IReadOnlyList<string>? FailAccount { get; init; }
}

public sealed record FriendInfo(
    [property: JsonPropertyName("To_Account")] string ToAccount, IReadOnlyList<TagValue>? SnsProfileItem, int ResultCode, string ResultInfo);
