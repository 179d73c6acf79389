using Parley.Apps;
using Parley.Callbacks;
using Parley.Events;
using Parley.Groups.Callbacks;
using Parley.Groups.Membership;
using Parley.Rest;
using Parley.Statistics;
using Parley.Storage;

namespace Parley.Groups.Lifecycle;

/// <summary>A group that is to be created.</summary>
/// <param name="GroupId">Null to be given one.</param>
/// <param name="Head">Its settings; place and counts are given here.</param>
/// <param name="Members">Besides the owner.</param>
public sealed record NewGroup(string? GroupId, GroupHead Head, GroupProfile Profile, IReadOnlyList<NewMember> Members)
{
    /// <summary>It comes from another system: nobody is told.</summary>
    public bool IsImported { get; init; }

    /// <summary>Whom callbacks tell of; null for none.</summary>
    public CallbackCause? Cause { get; init; }
}

/// <summary>Creates groups: a place in the app's list first, then the group with as many members as fit into a transaction, then the others.</summary>
/// <remarks>What breaks off leaves a place in the list without a group, which whoever reads the list takes off; or a group that lacks members, which a repeated call of add_group_member adds.</remarks>
public sealed class GroupCreation(
    GroupStore groups, AppGroups list, GroupJoining joining, GroupDismissal dismissal, AccountEvents events, CreatedGroups createdGroups, GroupCallbacks callbacks, DailyStatistics statistics)
{
    /// <summary>Creates a group.</summary>
    /// <returns>Its name; 10021 or 10025 when there is one of that name, 10006 10036 quotas, 10037 the owner is in too many groups, 10038 more members than the group may have.</returns>
    public async Task<Result<string>> CreateAsync(
        App app, NewGroup group, CancellationToken cancellation)
    {
        var type = group.Head.Type;
        var key = new GroupKey(app.SdkAppId, group.GroupId ?? NewId(type));
        if (await groups.ReadHeadAsync(key, cancellation) is { } existing)
        {
            return Taken(existing, group.Head.Owner);
        }

        await dismissal.FinishAsync(key, cancellation);
        if (!(await list.ReserveAsync(app, key.GroupId, type, cancellation)).TryGet(out var place, out var error))
        {
            return error;
        }

        var head = group.Head with { Number = place.Number };
        var created = await groups.ApplyAsync(key, partition => Create(partition, head, group.Profile), cancellation);
        if (created is { } other)
        {
            await list.ReleaseAsync(app.SdkAppId, place.Number, CancellationToken.None);
            return Taken(other, head.Owner);
        }

        statistics.GroupCreated(app.SdkAppId);
        if (!head.Traits.IsLive)
        {
            error = await AddMembersAsync(app, key, head, group);
        }
        else if (head.Owner.Length > 0)
        {
            await events.AppendAsync(new AccountKey(app.SdkAppId, head.Owner), Notice(key, head, head.Owner)!.ToEvent($"{place.Number}"), CancellationToken.None);
        }

        if (error is null && !group.IsImported)
        {
            await TellAsync(app, key, group with { Head = head });
        }

        await list.SettleAsync(app.SdkAppId, place.Number, CancellationToken.None);
        return error is null ? key.GroupId : error;
    }

    private async Task TellAsync(App app, GroupKey key, NewGroup group)
    {
        var (head, profile) = (group.Head, group.Profile);
        if (head.Owner.Length > 0)
        {
            await createdGroups.CountAsync(new AccountKey(app.SdkAppId, head.Owner), head.Type, head.Number);
        }

        if (callbacks.Begin(group.Cause, CallbackCommands.AfterCreateGroup) is { } callback)
        {
            await callbacks.AppendAsync(key, callback, GroupCallbackFields.Of(key, head, callback.At) with
            {
                OperatorAccount = group.Cause!.Account,
                OwnerAccount = head.Owner,
                Name = profile.Name,
                MemberList = GroupCallbackFields.Members(group.Members.Select(member => member.Account)),
                UserDefinedDataList = profile.Custom is null ? null : GroupCallbackFields.Custom(profile.Custom),
            });
        }
    }

    // Null when it is created, by this attempt or an earlier one of the same call.
    private static GroupHead? Create(GroupPartition group, GroupHead head, GroupProfile profile)
    {
        if (group.Head is { } other)
        {
            return other.Number == head.Number ? null : other;
        }

        group.Begin(head with { CreateTime = head.CreateTime == 0 ? group.NowSeconds : head.CreateTime }, profile with { InfoTime = group.NowSeconds });
        return null;
    }

    private async Task<ApiError?> AddMembersAsync(App app, GroupKey key, GroupHead head, NewGroup group)
    {
        var all = head.Owner.Length == 0 ? group.Members : [NewOwner(head), .. group.Members.Where(member => member.Account != head.Owner)];
        if (all.Count == 0)
        {
            return null;
        }

        var options = new JoinOptions(head.Owner, IsSilent: true) { Notice = account => group.IsImported ? null : Notice(key, head, account) };
        var added = await joining.AddAsync(app, key, all, options, CancellationToken.None);
        var error = added.TryGet(out var results, out var wrong)
            ? head.Owner.Length > 0 && results[0] == JoinResult.Failed ? ApiError.TooManyGroupsOfAccount : null
            : wrong == ApiError.GroupFull ? ApiError.MemberLimitTooHigh : wrong;
        if (error is not null)
        {
            await dismissal.DismissAsync(key, static (_, _) => null, by: null, cause: null, CancellationToken.None);
        }

        return error;
    }

    private static NewMember NewOwner(GroupHead head) =>
        new(head.Owner, GroupRole.Owner, JoinTime: head.CreateTime == 0 ? null : head.CreateTime);

    // Of a group that is not active only its owner hears.
    private static GroupNotice? Notice(GroupKey key, GroupHead head, string account) =>
        account == head.Owner ? new GroupNotice(GroupNoticeType.Created, key.GroupId, head.Owner)
        : head.Traits.NeedsMessage ? null
        : new GroupNotice(GroupNoticeType.Invited, key.GroupId, head.Owner);

    private static ApiError Taken(GroupHead existing, string owner) =>
        owner.Length > 0 && existing.Owner == owner ? ApiError.GroupIdTakenByOwner : ApiError.GroupIdTaken;

    private static string NewId(GroupType type) =>
        $"{GroupTraits.Of(type).IdPrefix}{(int)type + 1}{GroupKey.NewLetters()}";
}
