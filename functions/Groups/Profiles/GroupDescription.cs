using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Groups.Profiles;

/// <summary>A group as answers and events show it: what was asked for, or what has changed. Fields that have two names are shown under both.</summary>
/// <remarks>
/// Units: times are Unix seconds. MemberNum of an AVChatRoom is how many are in at present, and BChatRooms have none: nobody comes in.
/// Source: API reference, groups §2.2.
/// </remarks>
public sealed record GroupDescription
{
    public string? GroupId { get; init; }

    public int? ErrorCode { get; init; }

    public string? ErrorInfo { get; init; }

    public uint? Appid { get; init; }

    public string? Type { get; init; }

    public string? Name { get; init; }

    public string? Introduction { get; init; }

    public string? Notification { get; init; }

    public string? FaceUrl { get; init; }

    [JsonPropertyName("Owner_Account")]
    public string? OwnerAccount { get; init; }

    public long? CreateTime { get; init; }

    public long? InfoSeq { get; init; }

    public long? LastInfoTime { get; init; }

    public long? LastMsgTime { get; init; }

    public long? NextMsgSeq { get; init; }

    public long? MemberNum { get; init; }

    public long? MaxMemberNum { get; init; }

    public string? ApplyJoinOption { get; init; }

    public string? InviteJoinOption { get; init; }

    public string? ShutUpAllMember { get; init; }

    public string? MuteAllMember { get; init; }

    /// <summary>Of communities: 1 where there may be topics.</summary>
    public int? SupportTopic { get; init; }

    public string? HistoryMsgBeforeJoin { get; init; }

    public IReadOnlyList<GroupFieldValue>? AppDefinedData { get; init; }

    /// <summary>In an event: the custom fields that have changed; who may read them asks for them.</summary>
    public IReadOnlyList<string>? ChangedKeys { get; init; }

    public IReadOnlyList<RawJson>? MemberList { get; init; }

    public RawJson? SelfInfo { get; init; }

    /// <summary>A group that cannot be shown, in a list of several.</summary>
    public static GroupDescription Failed(string groupId, ApiError error) => new() { GroupId = groupId, ErrorCode = error.Code, ErrorInfo = error.Info };

    /// <summary>The standard fields that are asked for.</summary>
    public static GroupDescription Of(GroupHead head, GroupProfile profile, NameFilter filter) => new()
    {
        Type = filter.Text("Type", head.Type.ToString()),
        Name = filter.Text("Name", profile.Name),
        Introduction = filter.Text("Introduction", profile.Introduction),
        Notification = filter.Text("Notification", profile.Notification),
        FaceUrl = filter.Text("FaceUrl", profile.FaceUrl),
        OwnerAccount = filter.Text("Owner_Account", head.Owner),
        CreateTime = filter.Number("CreateTime", head.CreateTime),
        InfoSeq = filter.Number("InfoSeq", profile.InfoSeq),
        LastInfoTime = filter.Number("LastInfoTime", profile.InfoTime),
        LastMsgTime = filter.Number("LastMsgTime", head.LastTime),
        NextMsgSeq = filter.Number("NextMsgSeq", head.LastSeq + 1),
        MemberNum = head.Traits.IsLive ? null : filter.Number("MemberNum", head.Members),
        MaxMemberNum = filter.Number("MaxMemberNum", head.MaxMembers),
        ApplyJoinOption = filter.Text("ApplyJoinOption", head.Applying.ToString()),
        InviteJoinOption = head.Traits.IsLive ? null : filter.Text("InviteJoinOption", Inviting(head)),
        ShutUpAllMember = filter.Text("ShutUpAllMember", Switch(head.MutesAll)),
        MuteAllMember = filter.Text("MuteAllMember", Switch(head.MutesAll)),
        HistoryMsgBeforeJoin = head.Traits.IsLive ? null : filter.Text("HistoryMsgBeforeJoin", Switch(head.IsHistoryOpen)),
        SupportTopic = head.Type == GroupType.Community && filter.Has("SupportTopic") ? head.HasTopics ? 1 : 0 : null,
    };

    /// <summary>The standard fields that are not what they were; null when all are.</summary>
    public static GroupDescription? Changes((GroupHead Head, GroupProfile Profile) before, (GroupHead Head, GroupProfile Profile) after)
    {
        var (was, now) = (Of(before.Head, before.Profile, NameFilter.All), Of(after.Head, after.Profile, NameFilter.All));
        var changes = new GroupDescription
        {
            Name = IfNew(was.Name, now.Name),
            Introduction = IfNew(was.Introduction, now.Introduction),
            Notification = IfNew(was.Notification, now.Notification),
            FaceUrl = IfNew(was.FaceUrl, now.FaceUrl),
            OwnerAccount = IfNew(was.OwnerAccount, now.OwnerAccount),
            MaxMemberNum = was.MaxMemberNum == now.MaxMemberNum ? null : now.MaxMemberNum,
            ApplyJoinOption = IfNew(was.ApplyJoinOption, now.ApplyJoinOption),
            InviteJoinOption = IfNew(was.InviteJoinOption, now.InviteJoinOption),
            ShutUpAllMember = IfNew(was.ShutUpAllMember, now.ShutUpAllMember),
            MuteAllMember = IfNew(was.MuteAllMember, now.MuteAllMember),
            HistoryMsgBeforeJoin = IfNew(was.HistoryMsgBeforeJoin, now.HistoryMsgBeforeJoin),
        };
        var (old, custom) = (GroupCustomFields.Parse(before.Profile.Custom), GroupCustomFields.Parse(after.Profile.Custom));
        var keys = old.Keys.Union(custom.Keys).Where(key => old.GetValueOrDefault(key) != custom.GetValueOrDefault(key)).ToList();
        return keys.Count == 0 && changes == new GroupDescription() ? null : changes with { ChangedKeys = keys.Count > 0 ? keys : null };
    }

    public RawJson ToRawJson() => new(JsonSerializer.Serialize(this, ParleyJson.Wire.GroupDescription));

    internal static string? IfNew(string? before, string? after) => before == after ? null : after;

    internal static string Switch(bool isOn) => isOn ? "On" : "Off";

    // Where the group says nothing the type does: members invite, or only administrators of the app.
    private static string Inviting(GroupHead head) => (head.Inviting, GroupRights.Least(head.Type, GroupAction.Invite) <= Apps.GroupRole.Member) switch
    {
        (JoinOption.DisableApply, _) or (null, false) => "DisableInvite",
        (null, true) => nameof(JoinOption.FreeAccess),
        ({ } option, _) => option.ToString(),
    };
}
