using Parley.Rest;

namespace Parley.Groups.Attributes;

/// <summary>
/// Reads counters of a group.
/// <code>
/// POST /v4/group_open_http_svc/get_group_counter
/// { "GroupId": "hiking-2019", "GroupCounterKeys": [ "like" ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "GroupCounter": [ { "Key": "like", "Value": 12 } ] }
/// </code>
/// </summary>
/// <remarks>
/// Without GroupCounterKeys all; one that is not there is left out. Errors: 10004, 10007 no member or the type has none, 10010, 10015, 10063 more than 20 named.
/// Source: API reference, groups §8.2.
/// </remarks>
public sealed class GetGroupCounters(GroupStore groups, GroupRoles roles) : ICommand<GroupCountersRequest, GroupCountersResponse>
{
    public async Task<Result<GroupCountersResponse>> HandleAsync(Caller caller, GroupCountersRequest request, CancellationToken cancellation)
    {
        if (!(await roles.AskAsync(caller, request.GroupId, GroupAction.ChangeCounters, cancellation)).TryGet(out var group, out var error))
        {
            return error;
        }

        var counters = GroupCounters.FromRow(await groups.ReadAsync(group.Key, GroupCounters.RowKey, cancellation));
        return new GroupCountersResponse { GroupCounter = counters.Show(request.Keys) };
    }
}

/// <param name="Keys">Null for all.</param>
public sealed record GroupCountersRequest(string GroupId, IReadOnlyList<string>? Keys) : IRequest<GroupCountersRequest>
{
    public static GroupCountersRequest Read(FieldReader fields) => new(fields.GroupId(), GroupCounters.ReadKeys(fields));
}

public sealed record GroupCountersResponse : Envelope
{
    public required IReadOnlyList<CounterValue> GroupCounter { get; init; }
}
