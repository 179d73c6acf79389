using System.Text.Json.Serialization;
using Parley.Accounts;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>
/// Reads an account's groups of friends, in the order in which they were made, and who is in them.
/// <code>
/// POST /v4/sns/group_get
/// { "From_Account": "mia.k", "NeedFriend": "Need_Friend_Type_Yes", "GroupName": ["Work"] }
/// → { "ResultItem": [ { "GroupName": "Work", "FriendNumber": 1, "To_Account": ["jonas"] } ], "CurrentSequence": 7, "ActionStatus": "OK", … }
/// </code>
/// </summary>
/// <remarks>
/// Without GroupName all of them, or none when LastSequence is as it is still. Names that do not exist are left out (our choice).
/// Errors: 30001 a field, 30003 unknown account, 30004 another account. Source: API reference, sns §5.3.
/// </remarks>
public sealed class GetFriendGroups(AccountDirectory accounts, RelationReader reader) : ICommand<GetFriendGroupsRequest, GetFriendGroupsResponse>
{
    public async Task<Result<GetFriendGroupsResponse>> HandleAsync(Caller caller, GetFriendGroupsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var list = await reader.ReadAsync(owner, RelationKind.Friends, cancellation);
        var isNews = request.Names.Count > 0 || request.LastSequence == 0 || request.LastSequence != list.Head.GroupSequence;
        var chosen = list.Head.Groups.Where(group => isNews && (request.Names.Count == 0 || request.Names.Contains(group.Name)));
        return new GetFriendGroupsResponse { ResultItem = [.. chosen.Select(group => ItemOf(group, list, request.NeedsFriends))], CurrentSequence = list.Head.GroupSequence };
    }

    private static FriendGroupItem ItemOf(FriendGroup group, RelationList list, bool needsFriends)
    {
        var friends = list.Peers.Where(row => row.Details.Groups.Contains(group.Id)).Select(row => row.Peer).ToList();
        return new FriendGroupItem(group.Name, friends.Count, needsFriends ? friends : null);
    }
}

public sealed record GetFriendGroupsRequest(RelationOwner Owner, bool NeedsFriends, IReadOnlyList<string> Names, long LastSequence) : IRequest<GetFriendGroupsRequest>
{
    public static GetFriendGroupsRequest Read(FieldReader fields)
    {
        var needs = fields.OptionalText("NeedFriend", ApiError.RelationParameter) ?? "Need_Friend_Type_No";
        if (needs is not ("Need_Friend_Type_Yes" or "Need_Friend_Type_No"))
        {
            fields.Fail(ApiError.RelationParameter.In("NeedFriend"));
        }

        return new GetFriendGroupsRequest(
            RelationOwner.Read(fields), needs == "Need_Friend_Type_Yes", fields.OptionalTexts("GroupName", ApiError.RelationParameter),
            fields.OptionalInteger("LastSequence", ApiError.RelationParameter) ?? 0);
    }
}

public sealed record GetFriendGroupsResponse : DisplayEnvelope
{
    public required IReadOnlyList<FriendGroupItem> ResultItem { get; init; }

    public required long CurrentSequence { get; init; }
}

public sealed record FriendGroupItem(string GroupName, int FriendNumber, [property: JsonPropertyName("To_Account")] IReadOnlyList<string>? ToAccount);
