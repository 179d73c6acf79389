using System.Text.Json.Serialization;
using Parley.Accounts;
using Parley.Profiles;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>
/// Reads an account's open requests for friendship, newest first. For clients; see docs/client-protocol.md.
/// <code>
/// POST /v4/sns/pendency_get
/// { "From_Account": "jonas", "PendencyType": "Pendency_Type_ComeIn", "StartTime": 0, "MaxLimited": 50, "LastSequence": 0 }
/// → { "PendencyItem": [ { "To_Account": "mia.k", "PendencyType": "Pendency_Type_ComeIn", "Nick": "Mia", "AddWording": "hello", "AddSource": "AddSource_Type_Web",
///       "AddTime": 1700000000 } ], "UnreadPendencyCount": 1, "NextStartTime": 0, "CurrentPendencySequence": 5, "ActionStatus": "OK", … }
/// </code>
/// </summary>
/// <remarks>
/// PendencyType is Pendency_Type_ComeIn, Pendency_Type_SendOut or Pendency_Type_Both. StartTime, if not 0, is the newest time to list, in Unix seconds; NextStartTime
/// is what to go on with, 0 after the last. Requests of one second are not parted, so a page may be longer than MaxLimited. With LastSequence as it is still
/// nothing is listed. Nick is the other one's nickname.
/// Errors: 30001 a field, 30003 unknown account, 30004 another account. Our own command, in the shape of an old client library (API reference, sns §2).
/// </remarks>
public sealed class GetFriendRequests(AccountDirectory accounts, RelationReader reader, ProfileTable profiles, TimeProvider time) : ICommand<GetFriendRequestsRequest, GetFriendRequestsResponse>
{
    public async Task<Result<GetFriendRequestsResponse>> HandleAsync(Caller caller, GetFriendRequestsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var list = await reader.ReadAsync(owner, RelationKind.Requests, cancellation);
        var (now, validFor) = (time.GetUtcNow(), TimeSpan.FromDays(caller.App.FriendRequestDays));
        var open = list.Peers.SelectMany(PendencyItem.Of).Where(item => !item.Request.IsVoid(now, validFor)).ToList();
        var chosen = request.LastSequence != 0 && request.LastSequence == list.Head.RequestSequence ? [] : open
            .Where(item => request.Types.HasFlag(item.Type) && (request.Start == 0 || item.Request.Time <= request.Start)).OrderByDescending(item => item.Request.Time).ToList();
        var last = chosen.Count > request.Count ? chosen[request.Count - 1].Request.Time : 0;
        var page = chosen.TakeWhile(item => item.Request.Time >= last).ToList();
        var nicks = await ReadNicksAsync(owner, page, cancellation);
        return new GetFriendRequestsResponse
        {
            PendencyItem = [.. page.Select(item => item with { Nick = nicks.GetValueOrDefault(item.ToAccount) })],
            UnreadPendencyCount = open.Count(item => item.Type == PendencyTypes.ComeIn && item.Request.Time > list.Head.RequestsSeenAt),
            NextStartTime = page.Count < chosen.Count ? chosen[page.Count].Request.Time : 0,
            CurrentPendencySequence = list.Head.RequestSequence,
        };
    }

    private async Task<Dictionary<string, string>> ReadNicksAsync(AccountKey owner, IReadOnlyList<PendencyItem> items, CancellationToken cancellation)
    {
        var read = await profiles.ReadAsync(owner.SdkAppId, items.Select(item => item.ToAccount), [ProfileTags.Standard[0]], cancellation);
        return read.Where(one => one.Value is { Count: > 0 })
            .ToDictionary(one => one.Key, one => System.Text.Json.JsonSerializer.Deserialize(one.Value![0].Value.Text, ParleyJson.Wire.String)!);
    }
}

/// <summary>Which requests: those that the account has received, or sent.</summary>
[Flags]
public enum PendencyTypes
{
    ComeIn = 1,
    SendOut = 2,
    Both = 3,
}

public sealed record GetFriendRequestsRequest(RelationOwner Owner, PendencyTypes Types, long Start, int Count, long LastSequence) : IRequest<GetFriendRequestsRequest>
{
    private const int MostItems = 100;

    public static GetFriendRequestsRequest Read(FieldReader fields) => new(
        RelationOwner.Read(fields), ReadTypes(fields), fields.OptionalInteger("StartTime", ApiError.RelationParameter) ?? 0,
        (int)Math.Clamp(fields.OptionalInteger("MaxLimited", ApiError.RelationParameter) ?? MostItems, 1, MostItems),
        fields.OptionalInteger("LastSequence", ApiError.RelationParameter) ?? 0);

    internal static PendencyTypes ReadTypes(FieldReader fields)
    {
        switch (fields.Text("PendencyType", ApiError.RelationParameter))
        {
            case Relationships.PendencyItem.ComeIn:
                return PendencyTypes.ComeIn;
            case Relationships.PendencyItem.SendOut:
                return PendencyTypes.SendOut;
            case "Pendency_Type_Both":
                return PendencyTypes.Both;
            default:
                fields.Fail(ApiError.RelationParameter.In("PendencyType"));
                return PendencyTypes.Both;
        }
    }
}

public sealed record GetFriendRequestsResponse : DisplayEnvelope
{
    public required IReadOnlyList<PendencyItem> PendencyItem { get; init; }

    public required int UnreadPendencyCount { get; init; }

    public required long NextStartTime { get; init; }

    public required long CurrentPendencySequence { get; init; }
}

/// <summary>An open request. AddTime is in Unix seconds.</summary>
public sealed record PendencyItem(
    [property: JsonPropertyName("To_Account")] string ToAccount, string PendencyType, string AddWording, string AddSource, long AddTime)
{
    public const string ComeIn = "Pendency_Type_ComeIn";
    public const string SendOut = "Pendency_Type_SendOut";

    public string? Nick { get; init; }

    [JsonIgnore]
    internal FriendRequest Request { get; private init; } = null!;

    [JsonIgnore]
    internal PendencyTypes Type => PendencyType == ComeIn ? PendencyTypes.ComeIn : PendencyTypes.SendOut;

    internal static IEnumerable<PendencyItem> Of(PeerRow row) =>
        new[] { (ComeIn, row.Relation.AskedBy), (SendOut, row.Relation.Asks) }.Where(one => one.Item2 is not null)
            .Select(one => new PendencyItem(row.Peer, one.Item1, one.Item2!.Wording, one.Item2.Source, one.Item2.Time) { Request = one.Item2 });
}
