using Parley.Callbacks;
using Parley.Groups.Callbacks;
using Parley.Groups.Live;
using Parley.Groups.Messages;
using Parley.Messages;
using Parley.Rest;

namespace Parley.Groups.Profiles;

/// <summary>
/// Changes a group's profile and settings: what is given, the rest stays.
/// <code>
/// POST /v4/group_open_http_svc/modify_group_base_info
/// { "GroupId": "hiking-2019", "Notification": "Meet 8:00", "ShutUpAllMember": "On", "AppDefinedData": [ { "Key": "Region", "Value": "" } ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Members hear of it: a tip (OpType 6) for name, introduction, notification and face where the type stores tips, and always a change GroupProfile. What is so already is no change.
/// Callback Group.CallbackAfterGroupInfoChanged, where name, introduction, notification, face or a custom field has changed.
/// Errors: 10004 a parameter or an undeclared custom field, 10007 not permitted, or the type does not have the setting, 10010, 10015, 10038 MaxMemberNum, 60010 another
/// From_Account than the caller, 80001 a dirty word in name, introduction or notification. Source: API reference, groups §3.4. MaxMemberNum below the number of members removes nobody (our choice).
/// </remarks>
public sealed class ModifyGroup(GroupStore groups, MessageTextCheck texts, GroupAnnouncements announcements, LiveRooms rooms, GroupCallbacks callbacks) : ICommand<ModifyGroupRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, ModifyGroupRequest request, CancellationToken cancellation)
    {
        if (caller.RefuseAs(request.From, "From_Account") is { } forbidden)
        {
            return forbidden;
        }

        if (await texts.CheckAsync(caller.App, [request.Name, request.Introduction, request.Notification], cancellation) is { } dirty)
        {
            return dirty;
        }

        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        var by = request.From ?? caller.Doer;
        var actor = GroupActor.Of(caller, request.From);
        var callback = callbacks.Begin(CallbackCause.Of(caller), CallbackCommands.AfterGroupInfoChanged);
        var change = await groups.ApplyAsync(key, group => Change(group, caller, request, actor, by, callback), cancellation);
        rooms.Forget(key);
        if (!change.TryGet(out var said, out var error))
        {
            return error;
        }

        if (said.Announcement is { } announcement)
        {
            await announcements.SendAsync(key, announcement);
        }

        return Envelope.Ok;
    }

    private static Result<Said> Change(GroupPartition group, Caller caller, ModifyGroupRequest request, GroupActor actor, string by, AfterCallback? callback)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (request.FindObjection(group, head, actor) is { } objection)
        {
            return objection;
        }

        var before = group.Profile;
        if (!GroupCustomFields.Change(before.Custom, request.Custom ?? [], caller.App.GroupFields, head.Type, group.ActorRole(head, actor), isOwn: false)
            .TryGet(out var custom, out var error))
        {
            return error;
        }

        var (changed, profile) = (request.ApplyTo(head), request.ApplyTo(before) with { Custom = custom });
        if (GroupDescription.Changes((head, before), (changed, profile)) is not { } description)
        {
            return new Said(null);
        }

        profile = profile with { InfoSeq = before.InfoSeq + 1, InfoTime = group.NowSeconds };
        group.Put(profile);
        if (callback is not null && Tells(description))
        {
            callback.Append(group, ToFields(group, head, description, profile) with { OperatorAccount = caller.Account });
        }

        var content = (description with { InfoSeq = profile.InfoSeq, LastInfoTime = profile.InfoTime }).ToRawJson();
        return new Said(GroupAnnouncement.Write(group, changed, GroupEvent.Profile, by, content, Tips(description, by)));
    }

    // Other settings are not told.
    private static bool Tells(GroupDescription changes) =>
        (changes.Name ?? changes.Introduction ?? changes.Notification ?? changes.FaceUrl) is not null || changes.ChangedKeys is not null;

    private static GroupCallbackFields ToFields(GroupPartition group, GroupHead head, GroupDescription changes, GroupProfile profile) =>
        GroupCallbackFields.Of(group.Key, head, group.Now) with
        {
            Name = changes.Name,
            Introduction = changes.Introduction,
            Notification = changes.Notification,
            FaceUrl = changes.FaceUrl,
            UserDefinedDataList = changes.ChangedKeys is { } keys
                ? [.. keys.Select(key => new GroupFieldValue(key, GroupCustomFields.Parse(profile.Custom).GetValueOrDefault(key, "")))]
                : null,
        };

    private static IReadOnlyList<GroupTip> Tips(GroupDescription changes, string by)
    {
        List<TipChange> told =
        [
            .. TipChange.Of(1, changes.FaceUrl), .. TipChange.Of(2, changes.Name), .. TipChange.Of(4, changes.Notification), .. TipChange.Of(5, changes.Introduction),
        ];
        return told.Count == 0 ? [] : [new GroupTip(TipKindOfChange.ProfileChanged, by, [], told)];
    }

    private sealed record Said(GroupAnnouncement? Announcement);
}

/// <summary>Null leaves a field as it is.</summary>
public sealed record ModifyGroupRequest(string GroupId) : IRequest<ModifyGroupRequest>
{
    private const int HighestMaxMembers = 6_000;

    public string? From { get; init; }

    public string? Name { get; init; }

    public string? Introduction { get; init; }

    public string? Notification { get; init; }

    public string? FaceUrl { get; init; }

    public long? MaxMembers { get; init; }

    public JoinOption? Applying { get; init; }

    public JoinOption? Inviting { get; init; }

    public bool? MutesAll { get; init; }

    public bool? ShowsEarlierHistory { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>>? Custom { get; init; }

    private bool ChangesProfile => (Name ?? Introduction ?? Notification ?? FaceUrl) is not null;

    private bool ChangesSettings => (MaxMembers, Applying, Inviting, MutesAll, ShowsEarlierHistory) is not (null, null, null, null, null);

    public static ModifyGroupRequest Read(FieldReader fields)
    {
        var request = new ModifyGroupRequest(fields.GroupId())
        {
            From = fields.OptionalAccount("From_Account", ApiError.GroupParameter),
            Name = fields.ShortText("Name", GroupFields.MaxNameBytes),
            Introduction = fields.ShortText("Introduction", GroupFields.MaxIntroductionBytes),
            Notification = fields.ShortText("Notification", GroupFields.MaxNotificationBytes),
            FaceUrl = fields.ShortText("FaceUrl", GroupFields.MaxFaceUrlBytes),
            MaxMembers = fields.OptionalInteger("MaxMemberNum", ApiError.GroupParameter),
            Applying = fields.JoinOption("ApplyJoinOption", "DisableApply"),
            Inviting = fields.JoinOption("InviteJoinOption", "DisableInvite"),
            MutesAll = fields.MuteAll(),
            ShowsEarlierHistory = fields.Switch("HistoryMsgBeforeJoin"),
            Custom = fields.CustomFields("AppDefinedData", GroupCustomFields.MaxGroupValueBytes),
        };
        if (request.Name is { Length: 0 } || request.MaxMembers < 1)
        {
            fields.Fail(ApiError.GroupParameter.In(request.Name is { Length: 0 } ? "Name" : "MaxMemberNum"));
        }

        return request;
    }

    /// <summary>Null when the actor may change what is given.</summary>
    public ApiError? FindObjection(GroupPartition group, GroupHead head, GroupActor actor)
    {
        var traits = head.Traits;
        var isNotOfType = (Inviting is not null && traits.IsLive) || (Applying is not null && !traits.HasApplyOption) || (ShowsEarlierHistory is not null && !traits.HasHistoryOption);
        return isNotOfType ? ApiError.GroupTypeNotSupported
            : !traits.IsLive && MaxMembers > Math.Max(traits.MaxMembers, HighestMaxMembers) ? ApiError.MemberLimitTooHigh.In("MaxMemberNum")
            : (ChangesSettings ? group.RefuseChange(head, GroupAction.ChangeSettings, actor) : null)
                ?? group.RefuseChange(head, ChangesProfile ? GroupAction.ChangeProfile : GroupAction.ReadProfile, actor);
    }

    public GroupHead ApplyTo(GroupHead head) => head with
    {
        MaxMembers = head.Traits.IsLive ? head.MaxMembers : (int)(MaxMembers ?? head.MaxMembers),
        Applying = Applying ?? head.Applying,
        Inviting = Inviting ?? head.Inviting,
        MutesAll = MutesAll ?? head.MutesAll,
        ShowsEarlierHistory = ShowsEarlierHistory ?? head.ShowsEarlierHistory,
    };

    public GroupProfile ApplyTo(GroupProfile profile) => profile with
    {
        Name = Name ?? profile.Name,
        Introduction = Introduction ?? profile.Introduction,
        Notification = Notification ?? profile.Notification,
        FaceUrl = FaceUrl ?? profile.FaceUrl,
    };
}
