using Parley.Apps;
using Parley.Callbacks;
using Parley.Groups.Callbacks;
using Parley.Groups.Messages;
using Parley.Rest;

namespace Parley.Groups.Members;

/// <summary>What became of a member.</summary>
/// <param name="Said">What the members are told; null for nothing.</param>
/// <param name="HasNewReceive">Whether the member receives something else now.</param>
public sealed record ModifiedMember(GroupHead Head, GroupMember Member, GroupAnnouncement? Said, bool HasNewReceive)
{
    /// <summary>Null where the role is what it was.</summary>
    public GroupRole? NewRole { get; init; }

    /// <summary>Who did it; empty for an administrator of the app.</summary>
    public string By { get; init; } = "";
}

/// <summary>A change of one member, as a pure function of the group.</summary>
/// <param name="Callback">Null where the app is not told.</param>
public sealed record MemberModification(ModifyGroupMemberRequest Request, Caller Caller, AfterCallback? Callback)
{
    public Result<ModifiedMember> Apply(GroupPartition group)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (group.RefuseChange(head, GroupAction.ModifyMember, Actor) is { } refusal)
        {
            return refusal;
        }

        if (group.FindMember(Request.Account) is not { } member)
        {
            return ApiError.NoGroupMember.In("Member_Account");
        }

        var role = group.ActorRole(head, Actor);
        if (FindObjection(head, member, role) is { } objection)
        {
            return objection;
        }

        return GroupCustomFields.Change(member.Custom, Request.Custom ?? [], Caller.App.GroupMemberFields, head.Type, role, IsOwn).TryGet(out var custom, out var error)
            ? Write(group, head, member, Change(group, head, member) with { Custom = custom })
            : error;
    }

    private GroupActor Actor => GroupActor.Of(Caller);

    private bool IsOwn => !Actor.IsAppAdmin && Actor.Account == Request.Account;

    private ApiError? FindObjection(GroupHead head, GroupMember member, GroupRole role)
    {
        if (Request.Role is not null
            && (GroupRights.Refuse(head.Type, GroupAction.SetAdmin, role) ?? (member.Role == GroupRole.Owner ? ApiError.GroupNotPermitted.In("Role") : null)) is { } refusal)
        {
            return refusal;
        }

        if (Request.MuteSeconds is not null
            && (GroupRights.Refuse(head.Type, GroupAction.MuteMember, role) ?? (role > member.Role ? null : ApiError.GroupNotPermitted.In("MuteTime"))) is { } muteRefusal)
        {
            return muteRefusal;
        }

        var isAbove = role >= GroupRole.Admin && role > member.Role;
        return Request.NameCard is not null && !IsOwn && !isAbove ? ApiError.GroupNotPermitted.In("NameCard")
            : Request.Receive is not null && !IsOwn && !Actor.IsAppAdmin ? ApiError.GroupNotPermitted.In("MsgFlag")
            : null;
    }

    private GroupMember Change(GroupPartition group, GroupHead head, GroupMember member)
    {
        var changed = member with
        {
            Role = Request.Role ?? member.Role,
            NameCard = Request.NameCard ?? member.NameCard,
            MutedUntil = Request.MuteSeconds is { } seconds ? GroupMuting.Until(group, seconds) : member.MutedUntil,
            Receive = Request.Receive ?? member.Receive,
        };
        return member.Receive == ReceiveOption.Discard && changed.Receive != ReceiveOption.Discard
            ? changed.WithUnread(head, 0)
            : changed;
    }

    private Result<ModifiedMember> Write(GroupPartition group, GroupHead head, GroupMember before, GroupMember after)
    {
        var hasNewMute = Request.MuteSeconds is not null && !GroupMuting.IsSo(group, before.Account, after.MutedUntil);
        if (after == before && !hasNewMute)
        {
            return new ModifiedMember(head, after, null, false);
        }

        head = hasNewMute ? GroupMuting.Set(group, head, before.Account, after.MutedUntil) : head;
        group.Put(after);
        var hasNewReceive = after.Receive != before.Receive;
        if (Describe(before, after, hasNewMute) is not { } content)
        {
            group.Put(head);
            return new ModifiedMember(head, after, null, hasNewReceive);
        }

        Tell(group, head, before, after, hasNewMute);
        var said = GroupAnnouncement.Write(group, head, GroupEvent.Members, Caller.Doer, content, [.. Tips(before, after, hasNewMute)]);
        return new ModifiedMember(said.Head, after, said, hasNewReceive) { NewRole = after.Role == before.Role ? null : after.Role, By = Caller.Doer };
    }

    private void Tell(GroupPartition group, GroupHead head, GroupMember before, GroupMember after, bool hasNewMute)
    {
        var fields = new GroupCallbackFields
        {
            Role = after.Role == before.Role ? null : after.Role.ToString(),
            NameCard = after.NameCard == before.NameCard ? null : after.NameCard,
            MuteUntil = hasNewMute ? after.MutedUntil : null,
        };
        if (fields != new GroupCallbackFields())
        {
            Callback?.Append(group, fields with
            {
                GroupId = group.Key.GroupId,
                Type = head.Type.ToString(),
                OperatorAccount = Caller.Account,
                MemberAccount = after.Account,
                EventTime = GroupCallbackFields.TimeOf(group.Now),
            });
        }
    }

    // Null where there is nothing that others hear of.
    private static RawJson? Describe(GroupMember before, GroupMember after, bool hasNewMute)
    {
        var (old, custom) = (GroupCustomFields.Parse(before.Custom), GroupCustomFields.Parse(after.Custom));
        var keys = old.Keys.Union(custom.Keys).Where(key => old.GetValueOrDefault(key) != custom.GetValueOrDefault(key)).ToList();
        var changes = new MemberDescription
        {
            MemberAccount = after.Account,
            Role = after.Role == before.Role ? null : after.Role.ToString(),
            NameCard = after.NameCard == before.NameCard ? null : after.NameCard,
            ShutUpUntil = hasNewMute ? after.MutedUntil : null,
            MuteUntil = hasNewMute ? after.MutedUntil : null,
            ChangedKeys = keys.Count == 0 ? null : keys,
        };
        return changes == new MemberDescription { MemberAccount = after.Account } ? null : MembersChange.Of([changes]);
    }

    private IEnumerable<GroupTip> Tips(GroupMember before, GroupMember after, bool hasNewMute)
    {
        if (after.Role != before.Role)
        {
            yield return new GroupTip(after.Role == GroupRole.Admin ? TipKindOfChange.SetAdmin : TipKindOfChange.CancelAdmin, Caller.Doer, [after.Account]);
        }

        if (hasNewMute)
        {
            yield return MembersChange.TipOfMute(Caller.Doer, [after.Account], after.MutedUntil);
        }
    }
}

/// <summary>Null leaves a field as it is.</summary>
public sealed record ModifyGroupMemberRequest(
    string GroupId, string Account, GroupRole? Role, ReceiveOption? Receive, string? NameCard, uint? MuteSeconds, IReadOnlyList<KeyValuePair<string, string>>? Custom)
    : IRequest<ModifyGroupMemberRequest>
{
    public static ModifyGroupMemberRequest Read(FieldReader fields) => new(
        fields.GroupId(),
        fields.Account("Member_Account", ApiError.GroupParameter),
        fields.OneOf("Role", GroupRole.Admin, GroupRole.Member),
        fields.OneOf("MsgFlag", ReceiveOption.AcceptAndNotify, ReceiveOption.AcceptNotNotify, ReceiveOption.Discard),
        fields.ShortText("NameCard", GroupFields.MaxNameCardBytes),
        fields.MuteSeconds(),
        fields.CustomFields("AppMemberDefinedData", GroupCustomFields.MaxMemberValueBytes));
}
