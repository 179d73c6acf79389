using Parley.Groups.Messages;
using Parley.Rest;

namespace Parley.Groups.Attributes;

/// <summary>
/// Sets, increases, decreases or deletes counters of a group.
/// <code>
/// POST /v4/group_open_http_svc/update_group_counter
/// { "GroupId": "hiking-2019", "GroupCounter": [ { "Key": "like", "Value": 2 } ], "Mode": "Increase" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "GroupCounter": [ { "Key": "like", "Value": 12 } ] }
/// POST /v4/group_open_http_svc/delete_group_counter
/// { "GroupId": "hiking-2019", "GroupCounterKeys": [ "like" ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// One that is not there counts from 0. Without GroupCounterKeys all are deleted; one that is not there is passed over. Members hear of it by a change GroupCounters.
/// Errors: 10004 a parameter, a key over 128 bytes or named twice, a value out of 64 bits: nothing is changed then; 10007 no member or the type has none, 10010, 10015, 10063 more than 20.
/// Source: API reference, groups §8.2.
/// </remarks>
public sealed class ChangeGroupCounters(GroupStore groups, GroupAnnouncements announcements) :
    ICommand<UpdateCountersRequest, GroupCountersResponse>, ICommand<GroupCountersRequest, Envelope>
{
    public async Task<Result<GroupCountersResponse>> HandleAsync(Caller caller, UpdateCountersRequest request, CancellationToken cancellation)
    {
        var changed = await ChangeAsync(caller, request.GroupId, request.Apply, cancellation);
        return changed.TryGet(out var after, out var error)
            ? new GroupCountersResponse { GroupCounter = after.Show([.. request.Values.Select(value => value.Key)]) }
            : error;
    }

    public async Task<Result<Envelope>> HandleAsync(Caller caller, GroupCountersRequest request, CancellationToken cancellation)
    {
        var changed = await ChangeAsync(
            caller, request.GroupId,
            before => before.Where(value => request.Keys is not null && !request.Keys.Contains(value.Key)).ToDictionary(),
            cancellation);
        return changed.Error is { } error ? error : Envelope.Ok;
    }

    private async Task<Result<GroupCounters>> ChangeAsync(
        Caller caller, string groupId, Func<IReadOnlyDictionary<string, long>, Result<Dictionary<string, long>>> change, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, groupId);
        var (actor, by, attempt) = (GroupActor.Of(caller), caller.Doer, RecentAttempts.NewName());
        var changed = await groups.ApplyAsync(key, group => Change(group, change, actor, by, attempt), cancellation);
        if (!changed.TryGet(out var outcome, out var error))
        {
            return error;
        }

        if (outcome.Said is { } said)
        {
            await announcements.SendAsync(key, said);
        }

        return outcome.Counters;
    }

    private static Result<Outcome> Change(
        GroupPartition group, Func<IReadOnlyDictionary<string, long>, Result<Dictionary<string, long>>> change, GroupActor actor, string by, string attempt)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (group.Refuse(head, GroupAction.ChangeCounters, actor) is { } refusal)
        {
            return refusal;
        }

        var before = GroupCounters.FromRow(group.Rows.Get(GroupCounters.RowKey));
        if (RecentAttempts.Contains(before.Attempts, attempt))
        {
            return new Outcome(before, null);
        }

        if (!change(before.Values).TryGet(out var values, out var error))
        {
            return error;
        }

        if (Difference(before.Values, values) is not { } difference)
        {
            return new Outcome(before, null);
        }

        var after = new GroupCounters(values, RecentAttempts.With(before.Attempts, attempt));
        group.RefuseChange(head, GroupAction.ChangeCounters, actor);
        group.Rows.Put(after.ToRow());
        return new Outcome(after, GroupAnnouncement.Write(group, head, GroupEvent.Counters, by, difference.ToContent()));
    }

    private static CountersChange? Difference(IReadOnlyDictionary<string, long> before, Dictionary<string, long> after)
    {
        var changed = after.Where(value => !before.TryGetValue(value.Key, out var old) || old != value.Value).Select(value => new CounterValue(value.Key, value.Value)).ToList();
        var deleted = before.Keys.Where(key => !after.ContainsKey(key)).ToList();
        return changed.Count + deleted.Count == 0 ? null : new CountersChange(changed.Count == 0 ? null : changed, deleted.Count == 0 ? null : deleted);
    }

    private sealed record Outcome(GroupCounters Counters, GroupAnnouncement? Said);
}

/// <summary>How counters are updated.</summary>
public enum CounterMode
{
    Set,
    Increase,
    Decrease,
}

public sealed record UpdateCountersRequest(string GroupId, IReadOnlyList<CounterValue> Values, CounterMode Mode) : IRequest<UpdateCountersRequest>
{
    public static UpdateCountersRequest Read(FieldReader fields)
    {
        var id = fields.GroupId();
        var values = fields.Objects("GroupCounter", ApiError.GroupParameter);
        if (values.Count > GroupCounters.MaxKeys)
        {
            fields.Fail(ApiError.TooManyCounters);
            values = [];
        }

        List<CounterValue> read = [.. values.Select(value => new CounterValue(value.Text("Key", ApiError.GroupParameter), value.Integer("Value", ApiError.GroupParameter)))];
        if (read.Count == 0 || read.Any(value => !GroupCounters.IsKey(value.Key)) || read.DistinctBy(value => value.Key).Count() < read.Count)
        {
            fields.Fail(ApiError.GroupParameter.In("GroupCounter"));
        }

        var mode = fields.OneOf("Mode", CounterMode.Set, CounterMode.Increase, CounterMode.Decrease);
        if (mode is null)
        {
            fields.Fail(ApiError.GroupParameter.In("Mode"));
        }

        return new UpdateCountersRequest(id, read, mode ?? CounterMode.Set);
    }

    /// <summary>The counters as they are afterwards.</summary>
    public Result<Dictionary<string, long>> Apply(IReadOnlyDictionary<string, long> before)
    {
        var values = new Dictionary<string, long>(before);
        foreach (var (key, value) in Values)
        {
            var old = (Int128)values.GetValueOrDefault(key);
            var next = Mode switch { CounterMode.Set => value, CounterMode.Increase => old + value, _ => old - value };
            if (next < long.MinValue || next > long.MaxValue)
            {
                return ApiError.GroupParameter.In(key);
            }

            values[key] = (long)next;
        }

        return values.Count > GroupCounters.MaxKeys ? ApiError.TooManyCounters : values;
    }
}
