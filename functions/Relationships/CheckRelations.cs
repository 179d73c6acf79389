using System.Text.Json.Serialization;
using Parley.Accounts;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>
/// Says who is whose friend.
/// <code>
/// POST /v4/sns/friend_check
/// { "From_Account": "mia.k", "To_Account": ["jonas"], "CheckType": "CheckResult_Type_Both" }
/// → { "InfoItem": [ { "To_Account": "jonas", "Relation": "CheckResult_Type_BothWay", "ResultCode": 0, "ResultInfo": "" } ], "ActionStatus": "OK", …, "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// Relation is CheckResult_Type_ with NoRelation, AWithB (the other is in the own list), BWithA (the own account is in the other's) or BothWay; with
/// CheckResult_Type_Single only the own list is looked at. An account that does not exist has no relation (our choice: looking would cost a read for each).
/// Errors: 30001 a field, 30003 unknown From_Account, 30004 another account. Source: API reference, sns §3.6.
/// </remarks>
public sealed class CheckFriends(AccountDirectory accounts, RelationReader reader) : ICommand<CheckFriendsRequest, CheckFriendsResponse>
{
    public async Task<Result<CheckFriendsResponse>> HandleAsync(Caller caller, CheckFriendsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var list = await reader.ReadAsync(owner, request.Peers, cancellation);
        return new CheckFriendsResponse
        {
            InfoItem = CheckedRelation.Of(request.Peers, list, "CheckResult_Type_", "NoRelation", relation => relation.Friend is not null, relation => request.IsBoth && relation.FriendOf is not null),
        };
    }
}

public sealed record CheckFriendsRequest(RelationOwner Owner, IReadOnlyList<string> Peers, bool IsBoth) : IRequest<CheckFriendsRequest>
{
    // The last is a misspelling of old texts.
    public static CheckFriendsRequest Read(FieldReader fields) => new(
        RelationOwner.Read(fields), RelationOwner.ReadPeers(fields),
        CheckedRelation.ReadType(fields, "CheckResult_Type_Both", "CheckResult_Type_Single", "CheckResult_Type_Singal"));
}

public sealed record CheckFriendsResponse : DisplayEnvelope
{
    public required IReadOnlyList<CheckedRelation> InfoItem { get; init; }
}

/// <summary>
/// Says who is on whose blacklist.
/// <code>
/// POST /v4/sns/black_list_check
/// { "From_Account": "mia.k", "To_Account": ["spam"], "CheckType": "BlackCheckResult_Type_Both" }
/// → { "BlackListCheckItem": [ { "To_Account": "spam", "Relation": "BlackCheckResult_Type_AWithB", "ResultCode": 0, "ResultInfo": "" } ], "ActionStatus": "OK", … }
/// </code>
/// </summary>
/// <remarks>
/// Relation is BlackCheckResult_Type_ with NO, AWithB, BWithA or BothWay, as in friend_check.
/// Errors: 30001 a field, 30003 unknown From_Account, 30004 another account. Source: API reference, sns §4.4.
/// </remarks>
public sealed class CheckBlacklist(AccountDirectory accounts, RelationReader reader) : ICommand<CheckBlacklistRequest, CheckBlacklistResponse>
{
    public async Task<Result<CheckBlacklistResponse>> HandleAsync(Caller caller, CheckBlacklistRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var list = await reader.ReadAsync(owner, request.Peers, cancellation);
        return new CheckBlacklistResponse
        {
            BlackListCheckItem = CheckedRelation.Of(
                request.Peers, list, "BlackCheckResult_Type_", "NO", relation => relation.Blocks > 0, relation => request.IsBoth && relation.BlockedBy > 0),
        };
    }
}

public sealed record CheckBlacklistRequest(RelationOwner Owner, IReadOnlyList<string> Peers, bool IsBoth) : IRequest<CheckBlacklistRequest>
{
    public static CheckBlacklistRequest Read(FieldReader fields) => new(
        RelationOwner.Read(fields), RelationOwner.ReadPeers(fields), CheckedRelation.ReadType(fields, "BlackCheckResult_Type_Both", "BlackCheckResult_Type_Single"));
}

public sealed record CheckBlacklistResponse : DisplayEnvelope
{
    public required IReadOnlyList<CheckedRelation> BlackListCheckItem { get; init; }
}

/// <summary>How an account stands to another one.</summary>
public sealed record CheckedRelation([property: JsonPropertyName("To_Account")] string ToAccount, string Relation)
{
    public int ResultCode { get; init; }

    public string ResultInfo { get; init; } = "";

    internal static IReadOnlyList<CheckedRelation> Of(
        IReadOnlyList<string> peers, RelationList list, string prefix, string nothing, Func<Relation, bool> isOwn, Func<Relation, bool> isOthers)
    {
        var relations = list.Peers.ToDictionary(row => row.Peer, row => row.Relation);
        return [.. peers.Select(peer => relations.GetValueOrDefault(peer) ?? Relationships.Relation.None).Zip(peers, (relation, peer) => new CheckedRelation(
            peer, prefix + (isOwn(relation), isOthers(relation)) switch { (true, true) => "BothWay", (true, false) => "AWithB", (false, true) => "BWithA", _ => nothing }))];
    }

    internal static bool ReadType(FieldReader fields, string both, params string[] single)
    {
        var type = fields.Text("CheckType", ApiError.RelationParameter);
        if (type != both && !single.Contains(type))
        {
            fields.Fail(ApiError.RelationParameter.In("CheckType"));
        }

        return type == both;
    }
}
