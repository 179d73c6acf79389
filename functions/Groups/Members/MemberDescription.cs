using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Apps;
using Parley.Connections;
using Parley.Rest;

namespace Parley.Groups.Members;

/// <summary>A member as answers and events show it: what was asked for, or what has changed. Fields that have two names are shown under both.</summary>
/// <remarks>
/// Units: times are Unix seconds; ShutUpUntil and MuteUntil are 0 for one who may speak. MsgSeq, MsgFlag and UnreadMsgNum are nobody's business but the member's own and the
/// administrators' (our choice). Source: API reference, groups §2.3.
/// </remarks>
public sealed record MemberDescription
{
    [JsonPropertyName("Member_Account")]
    public string? MemberAccount { get; init; }

    public string? Role { get; init; }

    public long? JoinTime { get; init; }

    public long? MsgSeq { get; init; }

    public string? MsgFlag { get; init; }

    public long? LastSendMsgTime { get; init; }

    public long? ShutUpUntil { get; init; }

    public long? MuteUntil { get; init; }

    public string? NameCard { get; init; }

    public long? UnreadMsgNum { get; init; }

    public OnlineStatus? OnlineStatus { get; init; }

    public IReadOnlyList<GroupFieldValue>? AppMemberDefinedData { get; init; }

    /// <summary>In an event: the custom fields that have changed; who may read them asks for them.</summary>
    public IReadOnlyList<string>? ChangedKeys { get; init; }

    public RawJson ToRawJson() => new(JsonSerializer.Serialize(this, ParleyJson.Wire.MemberDescription));
}

/// <summary>What of members is asked for, and by whom.</summary>
/// <param name="Fields">Standard fields.</param>
/// <param name="Custom">Custom fields.</param>
/// <param name="Roles">Null for all.</param>
public sealed record MemberFilter(NameFilter Fields, NameFilter Custom, IReadOnlyList<GroupRole>? Roles)
{
    /// <summary>Reads the filters of a request; where MemberInfoFilter is absent everything is asked for.</summary>
    public static MemberFilter Read(FieldReader fields)
    {
        var custom = fields.Has("MemberInfoFilter") ? NameFilter.None : NameFilter.All;
        var standard = NameFilter.Read(fields, "MemberInfoFilter", NameFilter.All);
        return new MemberFilter(
            standard,
            NameFilter.Read(fields, "AppDefinedDataFilter_GroupMember", standard.Has("AppMemberDefinedData") ? NameFilter.All : custom),
            ReadRoles(fields));
    }

    public bool Admits(GroupMember member) => Roles is null || Roles.Contains(member.Role);

    /// <summary>The member as somebody may see it.</summary>
    public MemberDescription Describe(App app, GroupHead head, GroupMember member, MemberViewer viewer)
    {
        var isOwn = viewer.Role == GroupRole.AppAdmin || viewer.Account == member.Account;
        var mutedUntil = member.IsMuted(viewer.Now) ? member.MutedUntil : 0;
        var custom = GroupCustomFields.Show(member.Custom, app.GroupMemberFields, head.Type, viewer.Role, Custom, isOwn);
        return new MemberDescription
        {
            MemberAccount = member.Account,
            Role = Fields.Text("Role", member.Role.ToString()),
            JoinTime = Fields.Number("JoinTime", member.JoinTime),
            MsgSeq = isOwn ? Fields.Number("MsgSeq", member.ReadSeq) : null,
            MsgFlag = isOwn ? Fields.Text("MsgFlag", member.Receive.ToString()) : null,
            LastSendMsgTime = Fields.Number("LastSendMsgTime", member.LastSendTime),
            ShutUpUntil = Fields.Number("ShutUpUntil", mutedUntil),
            MuteUntil = Fields.Number("MuteUntil", mutedUntil),
            NameCard = Fields.Text("NameCard", member.NameCard),
            AppMemberDefinedData = Custom.Names is null || Custom.Names.Count > 0 ? custom : null,
        };
    }

    private static IReadOnlyList<GroupRole>? ReadRoles(FieldReader fields)
    {
        var names = fields.OptionalTexts("MemberRoleFilter", ApiError.GroupParameter);
        if (names.Any(name => name is not ("Owner" or "Admin" or "Member")))
        {
            fields.Fail(ApiError.GroupParameter.In("MemberRoleFilter"));
            return null;
        }

        return names.Count == 0 ? null : [.. names.Select(Enum.Parse<GroupRole>)];
    }
}

/// <summary>Who looks at members.</summary>
/// <param name="Now">Unix seconds.</param>
public readonly record struct MemberViewer(string Account, GroupRole Role, long Now);
