using Parley.Apps;
using Parley.Rest;

namespace Parley.Groups.Lifecycle;

/// <summary>
/// Creates a group of another system, as of the time when it was created there. Nobody is told.
/// <code>
/// POST /v4/group_open_http_svc/import_group
/// { "Type": "Public", "Name": "Archive", "GroupId": "arch-1", "Owner_Account": "u_anna", "CreateTime": 1500000000 }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "GroupId": "arch-1" }
/// </code>
/// </summary>
/// <remarks>
/// The fields of create_group without MemberList. Units: CreateTime Unix seconds, now if absent, not in the future. MaxMemberCount is 2000 if absent, whatever the type.
/// Errors: those of create_group; 10007 for live rooms and for callers who are no administrators. Source: API reference, groups §6.1.
/// </remarks>
public sealed class ImportGroup(CreateGroup creation, TimeProvider time) : ICommand<ImportGroupRequest, CreateGroupResponse>
{
    public async Task<Result<CreateGroupResponse>> HandleAsync(Caller caller, ImportGroupRequest request, CancellationToken cancellation)
    {
        if (request.Group.CreateTime > time.GetUtcNow().ToUnixTimeSeconds())
        {
            return ApiError.GroupParameter.In("CreateTime");
        }

        var role = caller.IsAdmin ? GroupRole.AppAdmin : GroupRole.NotMember;
        return GroupRights.Refuse(request.Group.Type, GroupAction.Import, role) is { } refusal
            ? refusal
            : await creation.CreateAsync(caller, request.Group, isImport: true, cancellation);
    }
}

public sealed record ImportGroupRequest(CreateGroupRequest Group) : IRequest<ImportGroupRequest>
{
    private const int MaxMembers = 2_000;

    public static ImportGroupRequest Read(FieldReader fields)
    {
        var group = CreateGroupRequest.Read(fields);
        if (fields.Has("MemberList") || group.CreateTime < 1)
        {
            fields.Fail(ApiError.GroupParameter.In(fields.Has("MemberList") ? "MemberList" : "CreateTime"));
        }

        return new ImportGroupRequest(group with { MaxMembers = group.MaxMembers ?? MaxMembers });
    }
}
