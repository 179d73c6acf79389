using Parley.Apps;
using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>Reads a group's messages for somebody who may see them.</summary>
public sealed class GroupReader(GroupStore groups, TimeProvider time)
{
    /// <summary>Looks what somebody may see.</summary>
    /// <param name="account">As whom an administrator looks; null for everything.</param>
    /// <returns>10010 no such group, 110003 no such topic, 10007 not a member, or the type's own refusal.</returns>
    public async Task<Result<GroupSight>> LookAsync(Caller caller, GroupKey key, GroupAction action, string? account, CancellationToken cancellation)
    {
        var viewer = caller.IsAdmin ? account : caller.Account;
        var reading = groups.ReadHeadAsync(key, cancellation);
        var member = viewer is null ? null : await groups.ReadMemberAsync(key.Group, viewer, cancellation);
        if (await reading is not { } head)
        {
            return key.NotFound;
        }

        member = member is null || key.TopicId is null ? member : await groups.ReadInTopicAsync(key, head, member, cancellation);

        var role = viewer is null ? GroupRole.AppAdmin : member?.Role ?? GroupRole.NotMember;
        return GroupRights.Refuse(head.Type, action, role) is { } refusal
            ? refusal
            : new GroupSight(head, member, caller.App.RoamingStart(time.GetUtcNow()));
    }

    /// <summary>Reads messages by number, both ends included, oldest first; also such as may not be seen.</summary>
    public async Task<IReadOnlyList<GroupMessage>> ReadAsync(GroupKey key, long from, long to, CancellationToken cancellation)
    {
        var messages = new List<GroupMessage>();
        if (from > to)
        {
            return messages;
        }

        var rows = GroupPartition.Messages;
        await foreach (var row in groups.QueryAsync(key, rows.Entry(from), rows.Entry(to + 1), cancellation))
        {
            messages.Add(GroupMessage.FromRow(row));
        }

        return messages;
    }

    /// <summary>Reads one message; null when there is none that may be seen.</summary>
    public async Task<GroupMessage?> FindAsync(GroupKey key, GroupSight sight, long sequence, CancellationToken cancellation) =>
        sequence >= sight.First && await groups.ReadAsync(key, GroupPartition.Messages.Entry(sequence), cancellation) is { } row
            && GroupMessage.FromRow(row) is var message && sight.Sees(message)
                ? message
                : null;
}
