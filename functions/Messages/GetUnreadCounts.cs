using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Accounts;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// Says how many one-to-one messages of an account are unread: in all, or from some peers.
/// <code>
/// POST /v4/openim/get_c2c_unread_msg_num
/// { "To_Account": "jonas", "Peer_Account": [ "mia.k", "nobody" ] }
/// → { "ActionStatus": "OK", …, "C2CUnreadMsgNumList": [ { "Peer_Account": "mia.k", "C2CUnreadMsgNum": 3 } ],
///     "ErrorList": [ { "Peer_Account": "nobody", "ErrorCode": 70107 } ] }
/// { "To_Account": "jonas" } → { …, "AllC2CUnreadMsgNum": 3 }
/// </code>
/// </summary>
/// <remarks>
/// Errors: 60010 another account's counts, 90003 Peer_Account is no list of texts, empty, or over 10, 90008 To_Account missing or unknown.
/// Source: API reference, openim §7, messages §9. The reference stops counting at 250 a conversation; we do not (our choice).
/// </remarks>
public sealed class GetUnreadCounts(AccountDirectory accounts, ConversationList conversations) : ICommand<UnreadCountsRequest, UnreadCountsResponse>
{
    public async Task<Result<UnreadCountsResponse>> HandleAsync(Caller caller, UnreadCountsRequest request, CancellationToken cancellation)
    {
        if (caller.RefuseAs(request.Owner, "To_Account") is { } forbidden)
        {
            return forbidden;
        }

        var owner = new AccountKey(caller.App.SdkAppId, request.Owner);
        if (!await accounts.ExistsAsync(owner, cancellation))
        {
            return ApiError.FromAccountInvalid.In("To_Account");
        }

        if (request.Peers is null)
        {
            var all = await conversations.ReadAsync(owner, 0, cancellation);
            return new UnreadCountsResponse { AllC2CUnreadMsgNum = all.Sum(conversation => conversation.Unread) };
        }

        var counts = await Task.WhenAll(request.Peers.Select(peer => CountAsync(owner, peer, cancellation)));
        var unknown = request.Peers.Where((_, n) => counts[n] is null).Select(peer => new UnreadFailure(peer, ApiError.AccountNotFound.Code)).ToList();
        return new UnreadCountsResponse
        {
            C2CUnreadMsgNumList = [.. counts.OfType<UnreadCount>()],
            ErrorList = unknown.Count == 0 ? null : unknown,
        };
    }

    // Null when there is no such account.
    private async Task<UnreadCount?> CountAsync(AccountKey owner, string peer, CancellationToken cancellation)
    {
        if (!FieldReader.IsAccount(peer))
        {
            return null;
        }

        var conversation = await conversations.FindAsync(owner, peer, cancellation);
        return conversation is not null ? new UnreadCount(peer, conversation.Unread)
            : await accounts.ExistsAsync(owner with { Account = peer }, cancellation) ? new UnreadCount(peer, 0)
            : null;
    }
}

/// <param name="Peers">Null for the total.</param>
public sealed record UnreadCountsRequest(string Owner, IReadOnlyList<string>? Peers) : IRequest<UnreadCountsRequest>
{
    private const int MostPeers = 10;

    public static UnreadCountsRequest Read(FieldReader fields)
    {
        var owner = fields.Account("To_Account", ApiError.FromAccountInvalid);
        if (!fields.Has("Peer_Account"))
        {
            return new UnreadCountsRequest(owner, null);
        }

        var peers = fields.Array("Peer_Account", ApiError.ReceiverInvalid);
        if (peers.Count > MostPeers)
        {
            fields.Fail(ApiError.TooManyPeers.In("Peer_Account"));
        }
        else if (peers.Any(peer => peer.ValueKind != JsonValueKind.String))
        {
            fields.Fail(ApiError.ReceiverInvalid.In("Peer_Account"));
        }

        return new UnreadCountsRequest(owner, fields.Error is null ? [.. peers.Select(peer => peer.GetString()!)] : []);
    }
}

public sealed record UnreadCountsResponse : Envelope
{
    public long? AllC2CUnreadMsgNum { get; init; }

    public IReadOnlyList<UnreadCount>? C2CUnreadMsgNumList { get; init; }

    public IReadOnlyList<UnreadFailure>? ErrorList { get; init; }
}

public sealed record UnreadCount([property: JsonPropertyName("Peer_Account")] string PeerAccount, long C2CUnreadMsgNum);

public sealed record UnreadFailure([property: JsonPropertyName("Peer_Account")] string PeerAccount, int ErrorCode);
