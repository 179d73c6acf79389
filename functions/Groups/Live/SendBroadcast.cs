using System.Collections.Concurrent;
using Parley.Accounts;
using Parley.Groups.Lifecycle;
using Parley.Groups.Messages;
using Parley.Messages;
using Parley.Rest;
using Parley.Statistics;
using Parley.Storage;

namespace Parley.Groups.Live;

/// <summary>
/// Sends a message to all AVChatRooms of the app.
/// <code>
/// POST /v4/group_open_http_svc/send_broadcast_msg
/// { "Random": 5501, "MsgBody": [ { "MsgType": "TIMCustomElem", "MsgContent": { "Data": "{\"banner\":7}" } } ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "MsgSeq": 1290 }
/// </code>
/// </summary>
/// <remarks>
/// Administrators only. It reads the app's list of groups and each room's head, and sends once for each room: the 10,000 rooms that were created first, which is far above what the
/// reference's packages allow. Not counted against the rooms' rate. Whoever is in several rooms hears it in each.
/// Errors: 10004 a parameter, 10007 no administrator, 10019 unknown From_Account, 10023 a second call within a second on this instance, 80001 a dirty word, 80002 too large.
/// Source: API reference, groups §5.8.
/// </remarks>
public sealed class SendBroadcast(
    AppGroups list, GroupStore groups, GroupDelivery delivery, AccountDirectory accounts, MessageTextCheck texts, DailyStatistics statistics, TimeProvider time)
    : ICommand<SendBroadcastRequest, SendBroadcastResponse>
{
    private const int AtOnce = 32;
    private const int MostRooms = 10_000;

    private readonly ConcurrentDictionary<uint, long> _seconds = new();

    public async Task<Result<SendBroadcastResponse>> HandleAsync(Caller caller, SendBroadcastRequest request, CancellationToken cancellation)
    {
        if (await FindObjectionAsync(caller, request, cancellation) is { } objection)
        {
            return objection;
        }

        if (await texts.CheckAsync(caller.App, request.Message.Content.MsgBody, cancellation) is { } dirty)
        {
            return dirty;
        }

        var now = time.GetUtcNow();
        if (!TryCount(caller.App.SdkAppId, now.ToUnixTimeSeconds()))
        {
            return ApiError.GroupTooOften;
        }

        // Tells broadcasts apart and orders them, as the numbers of live rooms do.
        var number = now.ToUnixTimeSeconds();
        var message = request.Message with { From = request.From ?? caller.Account };
        statistics.MessageSentUp(caller.App.SdkAppId, MessageKind.Group, message.From);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(RoomsAsync(caller.App.SdkAppId, cancellation), parallel, async (room, token) =>
        {
            if (await groups.ReadHeadAsync(room, token) is { Traits.IsEntered: true } head)
            {
                var outgoing = new OutgoingGroupMessage(room, message, GroupActor.Of(caller), false, [], false);
                await delivery.SendLiveAsync(outgoing, new SentGroupMessage(number, number, false, head));
            }
        });
        return new SendBroadcastResponse { MsgSeq = number };
    }

    private async ValueTask<ApiError?> FindObjectionAsync(Caller caller, SendBroadcastRequest request, CancellationToken cancellation) =>
        !caller.IsAdmin ? ApiError.GroupNotPermitted
        : request.Message.Content.Size > caller.App.MaxMessageBytes ? ApiError.GroupMessageTooLarge
        : request.From is { } from && !caller.App.IsAdmin(from) && !await accounts.ExistsAsync(new AccountKey(caller.App.SdkAppId, from), cancellation)
            ? ApiError.GroupAccountNotFound.In("From_Account")
        : null;

    private bool TryCount(uint app, long second)
    {
        while (true)
        {
            if (_seconds.TryGetValue(app, out var last))
            {
                if (last >= second || _seconds.TryUpdate(app, second, last))
                {
                    return last < second;
                }
            }
            else if (_seconds.TryAdd(app, second))
            {
                return true;
            }
        }
    }

    private async IAsyncEnumerable<GroupKey> RoomsAsync(uint app, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var rooms = 0;
        await foreach (var group in list.ReadAsync(app, 0, type: null, cancellation))
        {
            if (GroupTraits.Of(group.Type).IsEntered && rooms++ < MostRooms)
            {
                yield return new GroupKey(app, group.GroupId);
            }
        }
    }
}

public sealed record SendBroadcastRequest(string? From, GroupMessage Message) : IRequest<SendBroadcastRequest>
{
    public static SendBroadcastRequest Read(FieldReader fields) => new(
        fields.OptionalAccount("From_Account", ApiError.GroupParameter),
        new GroupMessage { From = "", Random = fields.Unsigned("Random", ApiError.GroupParameter), Content = ReadContent(fields) });

    private static MessageContent ReadContent(FieldReader fields)
    {
        var apart = fields.Apart();
        var content = MessageContent.Read(apart);
        if (apart.Error is { } wrong)
        {
            fields.Fail(ApiError.GroupParameter with { Info = wrong.Info });
        }

        return content;
    }
}

public sealed record SendBroadcastResponse : Envelope
{
    public required long MsgSeq { get; init; }
}
