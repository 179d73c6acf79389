using Parley.Messages;
using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>
/// Reads the key-value pairs that hang on a group's message.
/// <code>
/// POST /v4/openim_msg_ext_http_svc/group_get_key_values
/// { "GroupId": "hiking-2019", "MsgSeq": 41, "StartSeq": 0 }
/// → { …, "CompleteFlag": 1, "LatestSeq": 1, "ClearSeq": 0, "ExtensionList": [ { "Key": "vote:u_ben", "Value": "yes", "Seq": 1 } ] }
/// </code>
/// </summary>
/// <remarks>
/// As get_key_values of one-to-one messages. Errors: 10004, 10007 not a member or a type without extensions, 10010, 10015, 23002 the message takes none, 23004 none that the caller may see.
/// Source: API reference, groups §9.4.
/// </remarks>
public sealed class GetGroupMessageExtensions(GroupReader reader, GroupExtensions extensions) : ICommand<GetGroupExtensionsRequest, GetExtensionsResponse>
{
    public async Task<Result<GetExtensionsResponse>> HandleAsync(Caller caller, GetGroupExtensionsRequest request, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if (!(await reader.LookAsync(caller, key, GroupAction.MessageExtensions, null, cancellation)).TryGet(out var sight, out var refusal))
        {
            return refusal;
        }

        var read = await extensions.ReadAsync(key, sight, request.Number, request.StartSeq, cancellation);
        return read.TryGet(out var state, out var error) ? GetExtensionsResponse.Of(state) : error;
    }
}

public sealed record GetGroupExtensionsRequest(string GroupId, long Number, long StartSeq) : IRequest<GetGroupExtensionsRequest>
{
    public static GetGroupExtensionsRequest Read(FieldReader fields) => new(
        fields.GroupId(), fields.MessageNumber(), fields.OptionalInteger("StartSeq", ApiError.GroupParameter) ?? 0);
}
