using System.Text.Json.Serialization;
using Parley.Accounts;
using Parley.Profiles;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>
/// Reads an account's list of friends as first-generation callers do, with chosen fields and those of profiles.
/// <code>
/// POST /v4/sns/friend_get_all
/// { "From_Account": "mia.k", "TimeStamp": 0, "StartIndex": 0, "GetCount": 50, "LastStandardSequence": 0, "TagList": ["Tag_Profile_IM_Nick"] }
/// → { "NeedUpdateAll": "GetAll_Type_YES", "TimeStampNow": 1700000500, "StartIndex": 0, "CurrentStandardSequence": 17, "FriendNum": 1,
///     "InfoItem": [ { "Info_Account": "jonas", "SnsProfileItem": [ { "Tag": "Tag_Profile_IM_Nick", "Value": "Jo" } ] } ], "ActionStatus": "OK", … }
/// </code>
/// </summary>
/// <remarks>
/// GetCount is 1 to 100, 100 if absent. StartIndex of the answer is where the next page begins, 0 after the last. With LastStandardSequence as it is still,
/// NeedUpdateAll is GetAll_Type_NO and nobody is listed; TimeStamp is not looked at (our choice: the sequence says it exactly).
/// Errors: 30001 a field or a tag, 30003 unknown account, 30004 another account. Source: API reference, sns §3.7.
/// </remarks>
public sealed class GetAllFriends(AccountDirectory accounts, RelationReader reader, FriendFields fields, TimeProvider time) : ICommand<GetAllFriendsRequest, GetAllFriendsResponse>
{
    public async Task<Result<GetAllFriendsResponse>> HandleAsync(Caller caller, GetAllFriendsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        if (FriendFields.Check(caller, request.Tags) is { } wrong)
        {
            return wrong;
        }

        var list = await reader.ReadAsync(owner, RelationKind.Friends, cancellation, most: request.Start + request.Count + 1);
        var isNews = request.LastSequence == 0 || request.LastSequence != list.Head.StandardSequence;
        var page = isNews ? list.Peers.Skip(request.Start).Take(request.Count).ToList() : [];
        var values = await fields.ReadAsync(caller.App, owner, page, list.Head, request.Tags, cancellation);
        return new GetAllFriendsResponse
        {
            NeedUpdateAll = isNews ? "GetAll_Type_YES" : "GetAll_Type_NO",
            TimeStampNow = time.GetUtcNow().ToUnixTimeSeconds(),
            StartIndex = isNews && list.Peers.Count > request.Start + request.Count ? request.Start + request.Count : 0,
            CurrentStandardSequence = list.Head.StandardSequence,
            FriendNum = list.Head.Friends,
            InfoItem = [.. page.Select(friend => new OldFriendInfo(friend.Peer, values[friend.Peer]))],
        };
    }
}

public sealed record GetAllFriendsRequest(RelationOwner Owner, int Start, int Count, long LastSequence, IReadOnlyList<string> Tags) : IRequest<GetAllFriendsRequest>
{
    private const int MostFriends = 100;

    public static GetAllFriendsRequest Read(FieldReader fields)
    {
        var count = fields.OptionalInteger("GetCount", ApiError.RelationParameter) ?? MostFriends;
        if (count < 1)
        {
            fields.Fail(ApiError.RelationParameter.In("GetCount"));
        }

        return new GetAllFriendsRequest(
            RelationOwner.Read(fields), GetFriendsRequest.ReadStart(fields), (int)Math.Clamp(count, 1, MostFriends),
            fields.OptionalInteger("LastStandardSequence", ApiError.RelationParameter) ?? 0, fields.OptionalTexts("TagList", ApiError.RelationParameter));
    }
}

public sealed record GetAllFriendsResponse : DisplayEnvelope
{
    public required string NeedUpdateAll { get; init; }

    public required long TimeStampNow { get; init; }

    public required int StartIndex { get; init; }

    public required long CurrentStandardSequence { get; init; }

    public required long FriendNum { get; init; }

    public required IReadOnlyList<OldFriendInfo> InfoItem { get; init; }
}

public sealed record OldFriendInfo([property: JsonPropertyName("Info_Account")] string InfoAccount, IReadOnlyList<TagValue> SnsProfileItem);
