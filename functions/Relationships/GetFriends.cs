using System.Text.Json.Serialization;
using Parley.Accounts;
using Parley.Profiles;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>
/// Reads an account's list of friends page by page, or only what of it has changed since it was read.
/// <code>
/// POST /v4/sns/friend_get
/// { "From_Account": "mia.k", "StartIndex": 0, "StandardSequence": 0, "CustomSequence": 0 }
/// → { "UserDataItem": [ { "To_Account": "jonas", "ValueItem": [ { "Tag": "Tag_SNS_IM_Remark", "Value": "Jo" }, … ] } ],
///     "StandardSequence": 17, "CustomSequence": 3, "FriendNum": 1, "CompleteFlag": 1, "NextStartIndex": 0, "ActionStatus": "OK", …, "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// A page has up to 500 friends. Standard fields are left out when StandardSequence is still the caller's, the app's own when CustomSequence is; when both
/// are, nobody is listed. A list that changes while it is read can be read anew: the sequences show it.
/// Errors: 30001 a field, 30003 unknown account, 30004 another account. Source: API reference, sns §3.7; the size of a page is our choice.
/// </remarks>
public sealed class GetFriends(AccountDirectory accounts, RelationReader reader) : ICommand<GetFriendsRequest, GetFriendsResponse>
{
    public const int PageSize = 500;

    public async Task<Result<GetFriendsResponse>> HandleAsync(Caller caller, GetFriendsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var list = await reader.ReadAsync(owner, RelationKind.Friends, cancellation, most: request.Start + PageSize + 1);
        var (standard, custom) = (request.StandardSequence != list.Head.StandardSequence || request.StandardSequence == 0, request.CustomSequence != list.Head.CustomSequence || request.CustomSequence == 0);
        var isNews = standard || (custom && list.Head.CustomSequence > 0);
        var page = isNews ? list.Peers.Skip(request.Start).Take(PageSize).ToList() : [];
        var isComplete = !isNews || list.Peers.Count <= request.Start + PageSize;
        return new GetFriendsResponse
        {
            UserDataItem = [.. page.Select(friend => new FriendItem(
                friend.Peer, [.. standard ? FriendTags.Standard(friend, list.Head) : [], .. custom ? FriendTags.Custom(friend, caller.App) : []]))],
            StandardSequence = list.Head.StandardSequence,
            CustomSequence = list.Head.CustomSequence,
            FriendNum = list.Head.Friends,
            CompleteFlag = isComplete ? 1 : 0,
            NextStartIndex = isComplete ? 0 : request.Start + PageSize,
        };
    }
}

public sealed record GetFriendsRequest(RelationOwner Owner, int Start, long StandardSequence, long CustomSequence) : IRequest<GetFriendsRequest>
{
    private const int MostFriends = 100_000;

    public static GetFriendsRequest Read(FieldReader fields) => new(
        RelationOwner.Read(fields), ReadStart(fields),
        fields.OptionalInteger("StandardSequence", ApiError.RelationParameter) ?? 0, fields.OptionalInteger("CustomSequence", ApiError.RelationParameter) ?? 0);

    internal static int ReadStart(FieldReader fields)
    {
        var start = fields.Integer("StartIndex", ApiError.RelationParameter);
        if (start is < 0 or > MostFriends)
        {
            fields.Fail(ApiError.RelationParameter.In("StartIndex"));
        }

        return (int)Math.Clamp(start, 0, MostFriends);
    }
}

public sealed record GetFriendsResponse : DisplayEnvelope
{
    public required IReadOnlyList<FriendItem> UserDataItem { get; init; }

    public required long StandardSequence { get; init; }

    public required long CustomSequence { get; init; }

    public required long FriendNum { get; init; }

    public required int CompleteFlag { get; init; }

    public required int NextStartIndex { get; init; }
}

public sealed record FriendItem([property: JsonPropertyName("To_Account")] string ToAccount, IReadOnlyList<TagValue> ValueItem);
