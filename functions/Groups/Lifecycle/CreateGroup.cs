using Parley.Accounts;
using Parley.Apps;
using Parley.Groups.Callbacks;
using Parley.Groups.Membership;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Lifecycle;

/// <summary>
/// Creates a group: an administrator for anybody, an account for itself.
/// <code>
/// POST /v4/group_open_http_svc/create_group
/// { "Owner_Account": "u_anna", "Type": "Public", "GroupId": "hiking-2019", "Name": "Hiking", "ApplyJoinOption": "NeedPermission", "MaxMemberCount": 300,
///   "MemberList": [ { "Member_Account": "u_ben", "Role": "Admin" }, { "Member_Account": "u_cleo" } ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "GroupId": "hiking-2019" }
/// </code>
/// </summary>
/// <remarks>
/// Callbacks Group.CallbackBeforeCreateGroup, Group.CallbackAfterCreateGroup when the members are in, and Group.CallbackOnDailyGroupQuotaAlarm; an import has only the last.
/// Errors: 10004 a parameter, 10005 more than 500 members, 10006 10036 quotas of the app, 10007 what the type does not have (MemberList and InviteJoinOption of live rooms, Admins of Private
/// groups, ApplyJoinOption of communities) or a type that the caller may not create, 10015 the name, 10019 unknown account, 10021 10025 there is one, 10037 the owner in too many groups,
/// 10038 MaxMemberCount or more members than that, 11000 SupportTopic for other types than communities, 10016 or 10100 to 10200 refused by the app's callback, 60010 another owner than the caller, 80001 a dirty word in name, introduction or notification. Other members that are in too
/// many groups are left out. HugeGroupFlag is always 0: what other values mean is not documented.
/// Source: API reference, groups §3.2. An account that creates a group becomes its owner and may name it too (our choice).
/// </remarks>
public sealed class CreateGroup(AccountDirectory accounts, MessageTextCheck texts, GroupCallbacks callbacks, GroupCreation creation) : ICommand<CreateGroupRequest, CreateGroupResponse>
{
    public Task<Result<CreateGroupResponse>> HandleAsync(Caller caller, CreateGroupRequest request, CancellationToken cancellation) =>
        CreateAsync(caller, request with { CreateTime = null }, isImport: false, cancellation);

    /// <summary>Creates the group, as of its own CreateTime if it has one.</summary>
    /// <param name="isImport">Nobody is told.</param>
    public async Task<Result<CreateGroupResponse>> CreateAsync(Caller caller, CreateGroupRequest request, bool isImport, CancellationToken cancellation)
    {
        var owner = request.Owner ?? caller.Doer;
        if (!caller.IsAdmin && owner != caller.Account)
        {
            return ApiError.AdminRequired.In("Owner_Account");
        }

        if (request.FindObjection(caller) is { } objection)
        {
            return objection;
        }

        foreach (var account in request.Members.Select(member => member.Account).Append(owner).Where(account => account.Length > 0))
        {
            if (!await accounts.ExistsAsync(new AccountKey(caller.App.SdkAppId, account), cancellation))
            {
                return ApiError.GroupAccountNotFound.In(account);
            }
        }

        if (!request.ToNewGroup(caller, owner).TryGet(out var group, out var error))
        {
            return error;
        }

        if (await texts.CheckAsync(caller.App, [group.Profile.Name, group.Profile.Introduction, group.Profile.Notification], cancellation) is { } dirty)
        {
            return dirty;
        }

        if (!isImport && await callbacks.AskToCreateAsync(caller, group, cancellation) is { } refused)
        {
            return refused;
        }

        var cause = isImport ? null : CallbackCause.Of(caller);
        var created = await creation.CreateAsync(caller.App, group with { IsImported = isImport, Cause = cause }, CancellationToken.None);
        return created.TryGet(out var id, out error) ? CreateGroupResponse.Of(id, request.Type) : error;
    }
}

/// <param name="MaxMembers">Null for the type's own.</param>
public sealed record CreateGroupRequest(
    GroupType Type, string? Owner, string? GroupId, GroupProfile Profile, long? MaxMembers, JoinOption? Applying, JoinOption? Inviting,
    IReadOnlyList<KeyValuePair<string, string>>? Custom, IReadOnlyList<NewMember> Members, IReadOnlyList<IReadOnlyList<KeyValuePair<string, string>>?> MemberCustom,
    long? CreateTime) : IRequest<CreateGroupRequest>
{
    private const int MostMembers = 500;

    /// <summary>Whether the community may have topics.</summary>
    public bool HasTopics { get; init; }

    public static CreateGroupRequest Read(FieldReader fields)
    {
        var type = ReadType(fields);
        var hasTopics = fields.Flag("SupportTopic", ApiError.GroupParameter);
        if (hasTopics && type != GroupType.Community)
        {
            fields.Fail(ApiError.TopicsNotSupported);
        }

        var members = fields.Has("MemberList") ? fields.Objects("MemberList", ApiError.GroupParameter) : [];
        if (members.Count > MostMembers)
        {
            fields.Fail(ApiError.TooManyMembersNamed);
        }

        return new CreateGroupRequest(
            type,
            fields.OptionalAccount("Owner_Account", ApiError.GroupParameter),
            ReadId(fields, type),
            new GroupProfile
            {
                Name = ReadName(fields),
                Introduction = fields.ShortText("Introduction", GroupFields.MaxIntroductionBytes) ?? "",
                Notification = fields.ShortText("Notification", GroupFields.MaxNotificationBytes) ?? "",
                FaceUrl = fields.ShortText("FaceUrl", GroupFields.MaxFaceUrlBytes) ?? "",
            },
            ReadMaxMembers(fields, type),
            fields.JoinOption("ApplyJoinOption", "DisableApply"),
            fields.JoinOption("InviteJoinOption", "DisableInvite"),
            fields.CustomFields("AppDefinedData", GroupCustomFields.MaxGroupValueBytes),
            [.. members.Select(ReadMember)],
            [.. members.Select(member => member.CustomFields("AppMemberDefinedData", GroupCustomFields.MaxMemberValueBytes))],
            fields.OptionalInteger("CreateTime", ApiError.GroupParameter))
        {
            HasTopics = hasTopics,
        };
    }

    /// <summary>Null when the caller may create such a group.</summary>
    public ApiError? FindObjection(Caller caller) =>
        GroupRights.Refuse(Type, GroupAction.Create, caller.IsAdmin ? GroupRole.AppAdmin : GroupRole.NotMember)
        ?? (Members.Count > 0 && GroupTraits.Of(Type).IsLive ? ApiError.GroupTypeNotSupported.In("MemberList")
            : Members.Any(member => member.Role == GroupRole.Admin) && GroupRights.Least(Type, GroupAction.SetAdmin) == GroupRole.Nobody ? ApiError.GroupTypeNotSupported.In("Role")
            : Applying is not null && !GroupTraits.Of(Type).HasApplyOption ? ApiError.GroupTypeNotSupported.In("ApplyJoinOption")
            : Inviting is not null && GroupTraits.Of(Type).IsLive ? ApiError.GroupTypeNotSupported.In("InviteJoinOption")
            : null);

    /// <summary>The group as it is to be created; 10004 for custom fields that are not declared.</summary>
    public Result<NewGroup> ToNewGroup(Caller caller, string owner)
    {
        var (app, role) = (caller.App, caller.IsAdmin ? GroupRole.AppAdmin : GroupRole.Owner);
        if (!GroupCustomFields.Change(null, Custom ?? [], app.GroupFields, Type, role, isOwn: false).TryGet(out var custom, out var error))
        {
            return error;
        }

        var members = new List<NewMember>();
        foreach (var (member, values) in Members.Zip(MemberCustom))
        {
            if (!GroupCustomFields.Change(null, values ?? [], app.GroupMemberFields, Type, role, isOwn: false).TryGet(out var own, out error))
            {
                return error;
            }

            members.Add(member with { Custom = own });
        }

        var traits = GroupTraits.Of(Type);
        var head = new GroupHead
        {
            Type = Type,
            Owner = owner,
            CreateTime = CreateTime ?? 0,
            MaxMembers = (int)(MaxMembers ?? traits.MaxMembers),
            Number = 0,
            Applying = Applying ?? traits.Applying,
            Inviting = Inviting,
            HasTopics = HasTopics,
        };
        return new NewGroup(GroupId, head, Profile with { Custom = custom }, members);
    }

    private static GroupType ReadType(FieldReader fields)
    {
        if (!GroupTraits.TryParse(fields.Text("Type", ApiError.GroupParameter), out var type))
        {
            fields.Fail(ApiError.GroupParameter.In("Type"));
        }

        return type;
    }

    private static string ReadName(FieldReader fields)
    {
        var name = fields.ShortText("Name", GroupFields.MaxNameBytes);
        if (string.IsNullOrEmpty(name))
        {
            fields.Fail(ApiError.GroupParameter.In("Name"));
        }

        return name ?? "";
    }

    // Names that we give begin with a mark that others must not use; those of communities begin with one of theirs.
    private static string? ReadId(FieldReader fields, GroupType type)
    {
        var id = fields.OptionalText("GroupId", ApiError.GroupParameter);
        if (id is null || id.Length == 0)
        {
            return null;
        }

        var isCommunity = id.StartsWith(GroupKey.CommunityPrefix, StringComparison.Ordinal);
        if (!GroupKey.IsValid(id) || isCommunity != (GroupTraits.Of(type).IdPrefix == GroupKey.CommunityPrefix)
            || (!isCommunity && id.StartsWith(GroupKey.AssignedPrefix, StringComparison.Ordinal)))
        {
            fields.Fail(ApiError.GroupIdInvalid);
        }

        return id;
    }

    private static long? ReadMaxMembers(FieldReader fields, GroupType type)
    {
        var most = fields.OptionalInteger("MaxMemberCount", ApiError.GroupParameter);
        var highest = GroupTraits.Of(type).MaxMembers;
        if (most < 1)
        {
            fields.Fail(ApiError.GroupParameter.In("MaxMemberCount"));
        }
        else if (highest > 0 && most > Math.Max(highest, 6_000))
        {
            fields.Fail(ApiError.MemberLimitTooHigh.In("MaxMemberCount"));
        }

        return highest == 0 ? null : most;
    }

    private static NewMember ReadMember(FieldReader member)
    {
        var role = member.OptionalText("Role", ApiError.GroupParameter);
        if (role is not (null or "" or "Admin" or "Member"))
        {
            member.Fail(ApiError.GroupParameter.In("Role"));
        }

        return new NewMember(member.Account("Member_Account", ApiError.GroupParameter), role == "Admin" ? GroupRole.Admin : GroupRole.Member);
    }
}

public sealed record CreateGroupResponse : Envelope
{
    public required string GroupId { get; init; }

    /// <summary>Of a community only, as the next.</summary>
    public string? Type { get; init; }

    public int? HugeGroupFlag { get; init; }

    public static CreateGroupResponse Of(string id, GroupType type) => type == GroupType.Community
        ? new CreateGroupResponse { GroupId = id, Type = type.ToString(), HugeGroupFlag = 0 }
        : new CreateGroupResponse { GroupId = id };
}
