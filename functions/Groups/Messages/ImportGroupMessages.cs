using Parley.Accounts;
using Parley.Activities;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>
/// Takes over past messages of a group from another system.
/// <code>
/// POST /v4/group_open_http_svc/import_group_msg
/// { "GroupId": "arch-1", "MsgList": [ { "From_Account": "u_anna", "SendTime": 1500000100, "Random": 11, "MsgBody": [ … ] } ] }
/// → { …, "ImportMsgResult": [ { "Result": 0, "MsgSeq": 1, "MsgTime": 1500000100 } ] }
/// </code>
/// </summary>
/// <remarks>
/// Units: SendTime Unix seconds. At most 20, in the order of their times. Nobody hears of them, no callbacks; nothing is unread in the group then. RecentContactFlag 1: the conversation list moves
/// to them. Result: 0 stored, or stored before (the same Random, see decision 0003); 10004 SendTime is not before now, before the group's creation, not after the last message or before the one ahead of it in the list;
/// 10019 unknown From_Account; 80001 a dirty word; 80002 too large. What is older than the app keeps takes its number and is not seen.
/// Errors: 10004, 10007 a live room, 10010, 10015, 60010 not an administrator. Source: API reference, groups §6.2.
/// </remarks>
public sealed class ImportGroupMessages(AccountDirectory accounts, MessageTextCheck texts, GroupStore groups, ActiveHours activity) : ICommand<ImportGroupMessagesRequest, ImportGroupMessagesResponse>
{
    public async Task<Result<ImportGroupMessagesResponse>> HandleAsync(Caller caller, ImportGroupMessagesRequest request, CancellationToken cancellation)
    {
        var objections = new Dictionary<int, ApiError>();
        for (var i = 0; i < request.Messages.Count; i++)
        {
            var message = request.Messages[i];
            if (message.Content.Size > caller.App.MaxMessageBytes)
            {
                objections[i] = ApiError.GroupMessageTooLarge;
            }
            else if (!await accounts.ExistsAsync(new AccountKey(caller.App.SdkAppId, message.From), cancellation))
            {
                objections[i] = ApiError.GroupAccountNotFound;
            }
            else if (await texts.CheckAsync(caller.App, message.Content.MsgBody, cancellation) is { } dirty)
            {
                objections[i] = dirty;
            }
        }

        var import = new GroupImport(request.Messages, objections, request.IsShownLast, GroupActor.Of(caller), Guid.NewGuid().ToString("N"));
        var imported = await groups.ApplyAsync(new GroupKey(caller.App.SdkAppId, request.GroupId), import.Apply, cancellation);
        if (!imported.TryGet(out var results, out var error))
        {
            return error;
        }

        foreach (var hour in results.Where(item => item.MsgSeq > 0).DistinctBy(item => ChatHour.Of(item.MsgTime)))
        {
            await activity.NoteAsync(caller.App, ChatType.Group, hour.MsgTime, request.GroupId);
        }

        return new ImportGroupMessagesResponse { ImportMsgResult = results };
    }
}

/// <summary>A message that is to be imported.</summary>
/// <param name="Random">Null where nothing tells it from others.</param>
public sealed record ImportedGroupMessage(string From, long SendTime, uint? Random, MessageContent Content);

public sealed record ImportGroupMessagesRequest(string GroupId, IReadOnlyList<ImportedGroupMessage> Messages, bool IsShownLast) : IRequest<ImportGroupMessagesRequest>
{
    private const int MostMessages = 20;

    public static ImportGroupMessagesRequest Read(FieldReader fields)
    {
        var id = fields.GroupId();
        var items = fields.Objects("MsgList", ApiError.GroupParameter);
        if (items.Count is 0 or > MostMessages)
        {
            fields.Fail(ApiError.GroupParameter.In("MsgList"));
            items = [];
        }

        return new ImportGroupMessagesRequest(id, [.. items.Select(ReadMessage)], fields.Flag("RecentContactFlag", ApiError.GroupParameter));
    }

    private static ImportedGroupMessage ReadMessage(FieldReader item) => new(
        item.Account("From_Account", ApiError.GroupParameter),
        item.Integer("SendTime", ApiError.GroupParameter),
        item.OptionalUnsigned("Random", ApiError.GroupParameter),
        SendGroupMessageRequest.ReadContent(item));
}

public sealed record ImportGroupMessagesResponse : Envelope
{
    public required IReadOnlyList<ImportedItem> ImportMsgResult { get; init; }
}

public sealed record ImportedItem(int Result, long MsgSeq, long MsgTime);
