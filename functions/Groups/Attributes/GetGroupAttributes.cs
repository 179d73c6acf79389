using Parley.Rest;

namespace Parley.Groups.Attributes;

/// <summary>
/// Reads the attributes of a group.
/// <code>
/// POST /v4/group_open_attr_http_svc/get_group_attr
/// { "GroupId": "hiking-2019" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "GroupAttrAry": [ { "key": "mic1", "value": "u_ben" } ] }
/// </code>
/// </summary>
/// <remarks>Errors: 10004, 10007 no member or the type has none, 10010, 10015. Source: API reference, groups §8.1.</remarks>
public sealed class GetGroupAttributes(GroupStore groups, GroupRoles roles) : ICommand<GroupRequest, GetGroupAttributesResponse>
{
    public async Task<Result<GetGroupAttributesResponse>> HandleAsync(Caller caller, GroupRequest request, CancellationToken cancellation)
    {
        if (!(await roles.AskAsync(caller, request.GroupId, GroupAction.ChangeAttributes, cancellation)).TryGet(out var group, out var error))
        {
            return error;
        }

        var attributes = GroupAttributes.FromRow(await groups.ReadAsync(group.Key, GroupAttributes.RowKey, cancellation));
        return new GetGroupAttributesResponse { GroupAttrAry = [.. attributes.Pairs.Select(pair => new AttributePair(pair.Key, pair.Value))] };
    }
}

public sealed record GetGroupAttributesResponse : Envelope
{
    public required IReadOnlyList<AttributePair> GroupAttrAry { get; init; }
}
