using Parley.Messages;
using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>
/// Sets, deletes or clears the key-value pairs that hang on a group's message sent with SupportMessageExtension 1.
/// <code>
/// POST /v4/openim_msg_ext_http_svc/group_set_key_values
/// { "GroupId": "hiking-2019", "MsgSeq": 41, "OperateType": 1, "ExtensionList": [ { "Key": "vote:u_ben", "Value": "yes", "Seq": 0 } ] }
/// → { …, "ExtensionList": [ { "ErrorCode": 0, "Extension": { "Key": "vote:u_ben", "Value": "yes", "Seq": 1 } } ] }
/// </code>
/// </summary>
/// <remarks>
/// As set_key_values of one-to-one messages; who may see the message may change them. Members' devices hear a GroupExtension with the new LatestSeq.
/// Errors: 10004, 10007 not a member or a type without extensions, 10010, 10015, 23002, 23003, 23004; 23001 in an item. Source: API reference, groups §9.4.
/// </remarks>
public sealed class SetGroupMessageExtensions(GroupExtensions extensions, GroupDelivery delivery, TimeProvider time) : ICommand<SetGroupExtensionsRequest, SetExtensionsResponse>
{
    public async Task<Result<SetExtensionsResponse>> HandleAsync(Caller caller, SetGroupExtensionsRequest request, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var edit = extensions.NewEdit(request.Operation, request.Items, checksSeq: !caller.IsAdmin);
        var start = caller.App.RoamingStart(time.GetUtcNow());
        var changed = await extensions.ChangeAsync(key, GroupActor.Of(caller), request.Number, edit, start, cancellation);
        if (!changed.TryGet(out var outcome, out var error))
        {
            return error;
        }

        if (outcome.Change is { } change)
        {
            await delivery.SendAsync(key, outcome.Epoch, change);
        }

        return new SetExtensionsResponse { ExtensionList = outcome.Items };
    }
}

public sealed record SetGroupExtensionsRequest(string GroupId, long Number, ExtensionOperation Operation, IReadOnlyList<ExtensionItem> Items)
    : IRequest<SetGroupExtensionsRequest>
{
    public static SetGroupExtensionsRequest Read(FieldReader fields)
    {
        var (id, number) = (fields.GroupId(), fields.MessageNumber());
        var (operation, items) = ExtensionItems.Read(fields);
        return new SetGroupExtensionsRequest(id, number, operation, items);
    }
}
