using Parley.Callbacks;
using Parley.Groups.Lifecycle;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Callbacks;

/// <summary>The callbacks about groups: asks apps before, and has them told after.</summary>
/// <remarks>Those about messages have more to say: <see cref="Messages.GroupMessageCallbacks"/>.</remarks>
public sealed class GroupCallbacks(BeforeCallbacks before, AfterCallbacks after, CreatedGroups created, TimeProvider time)
{
    private const string RefusedField = "RefusedMembers_Account";

    /// <summary>A callback for an event that is about to be made; null when the app has it switched off, or when there is no cause to be told.</summary>
    public AfterCallback? Begin(CallbackCause? cause, CallbackCommand command) =>
        cause is null ? null : after.Begin(cause.App, command, cause.Origin);

    /// <summary>Appends a callback in a transaction of its own, for an event that is made of several.</summary>
    public Task AppendAsync(GroupKey key, AfterCallback? callback, GroupCallbackFields fields) =>
        after.AppendAsync(new CallbackStream(TableNames.Groups, key.PartitionKey), callback, fields, ParleyJson.Wire.GroupCallbackFields);

    /// <summary>Tells that a group is full, where a join has failed on it.</summary>
    public Task TellFullAsync(GroupKey key, CallbackCause? cause) =>
        AppendAsync(key, Begin(cause, CallbackCommands.AfterGroupFull), FullFields(key, time.GetUtcNow()));

    public static GroupCallbackFields FullFields(GroupKey key, DateTimeOffset at) => new() { GroupId = key.GroupId, EventTime = GroupCallbackFields.TimeOf(at) };

    /// <summary>Asks whether a group may be created.</summary>
    /// <returns>Null when it may.</returns>
    public async Task<ApiError?> AskToCreateAsync(Caller caller, NewGroup group, CancellationToken cancellation)
    {
        var command = CallbackCommands.BeforeCreateGroup;
        if (!command.IsOn(caller.App))
        {
            return null;
        }

        var owner = new AccountKey(caller.App.SdkAppId, group.Head.Owner);
        var earlier = owner.Account.Length == 0 ? 0 : await created.ReadAsync(owner, group.Head.Type, cancellation);
        return await AskAsync(CallbackCause.Of(caller), command, new GroupCallbackFields
        {
            OperatorAccount = caller.Account,
            OwnerAccount = group.Head.Owner,
            Type = group.Head.Type.ToString(),
            Name = group.Profile.Name,
            CreatedNum = earlier,
            CreateGroupNum = earlier,
            MemberList = GroupCallbackFields.Members(group.Members.Select(member => member.Account)),
            EventTime = GroupCallbackFields.TimeOf(time.GetUtcNow()),
        }, cancellation);
    }

    /// <summary>Asks whether a topic may be created.</summary>
    /// <returns>Null when it may.</returns>
    public Task<ApiError?> AskToCreateTopicAsync(Caller caller, GroupKey community, GroupHead head, string name, CancellationToken cancellation) => AskAsync(
        CallbackCause.Of(caller), CallbackCommands.BeforeCreateTopic,
        GroupCallbackFields.Of(community, head, time.GetUtcNow()) with { OperatorAccount = caller.Account, Name = name }, cancellation);

    /// <summary>Asks whether an account may apply to join.</summary>
    /// <returns>Null when it may.</returns>
    public Task<ApiError?> AskToApplyAsync(Caller caller, GroupKey key, GroupHead head, string account, CancellationToken cancellation) => AskAsync(
        CallbackCause.Of(caller), CallbackCommands.BeforeApplyToJoin, GroupCallbackFields.Of(key, head, time.GetUtcNow()) with { RequestorAccount = account }, cancellation);

    /// <summary>Asks whether accounts may be invited, or added.</summary>
    /// <returns>Those that may not; or why nobody may.</returns>
    public async Task<Result<HashSet<string>>> AskToInviteAsync(
        CallbackCause cause, GroupKey key, GroupHead head, IReadOnlyList<string> invited, CancellationToken cancellation)
    {
        var command = CallbackCommands.BeforeInviteToJoin;
        var verdict = await before.AskAsync(
            cause.App, command, cause.Origin,
            () => GroupCallbackFields.Of(key, head, time.GetUtcNow()) with { OperatorAccount = cause.Account, DestinationMembers = GroupCallbackFields.Members(invited) },
            ParleyJson.Wire.GroupCallbackFields, cancellation);
        var refused = new HashSet<string>();
        if (verdict.Answer is { } answer)
        {
            refused = answer.OptionalTexts(RefusedField, ApiError.GroupParameter).ToHashSet(StringComparer.Ordinal);
            verdict = answer.Error is null ? verdict : BeforeVerdict.OfFailure(cause.App, command);
        }

        return verdict.Refusal is { } refusal ? refusal : refused;
    }

    private async Task<ApiError?> AskAsync(CallbackCause cause, CallbackCommand command, GroupCallbackFields fields, CancellationToken cancellation) =>
        (await before.AskAsync(cause.App, command, cause.Origin, () => fields, ParleyJson.Wire.GroupCallbackFields, cancellation)).Refusal;
}

public static class GroupCallbackAppending
{
    /// <summary>Appends a callback inside a change of the group.</summary>
    public static void Append(this AfterCallback callback, GroupPartition group, GroupCallbackFields fields) =>
        callback.Append(group.AllRows, fields, ParleyJson.Wire.GroupCallbackFields);
}
