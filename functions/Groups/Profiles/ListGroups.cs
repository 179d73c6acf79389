using Parley.Apps;
using Parley.Groups.Lifecycle;
using Parley.Rest;

namespace Parley.Groups.Profiles;

/// <summary>
/// Lists an app's groups in the order of their creation.
/// <code>
/// POST /v4/group_open_http_svc/get_appid_group_list
/// { "Limit": 2, "Next": 0, "GroupType": "ChatRoom" }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "TotalCount": 3, "GroupIdList": [ { "GroupId": "@TGS#3ROOMAAA1" }, { "GroupId": "lobby-42" } ], "Next": 700012 }
/// </code>
/// </summary>
/// <remarks>
/// Next is the place of the last that was listed; 0 at the end. Limit 0 or absent: 10000. The type may be called Type as well.
/// Errors: 10004, 10018 more than 1 MB. Source: API reference, groups §3.1. A group that is about to be created is listed when it is there; what its creation left behind
/// is taken off the list after a minute.
/// </remarks>
public sealed class ListGroups(AppGroups list, GroupStore groups, TimeProvider time) : ICommand<ListGroupsRequest, ListGroupsResponse>
{
    private static readonly TimeSpan BrokenAfter = TimeSpan.FromMinutes(1);

    public async Task<Result<ListGroupsResponse>> HandleAsync(Caller caller, ListGroupsRequest request, CancellationToken cancellation)
    {
        var app = caller.App.SdkAppId;
        var size = new AnswerSize();
        var (page, next, last) = (new List<RawJson>(), 0L, 0L);
        await foreach (var group in list.ReadAsync(app, request.Next, request.Type, cancellation))
        {
            if (!group.IsSettled && !await IsThereAsync(app, group, cancellation))
            {
                continue;
            }

            if (page.Count == request.Limit)
            {
                next = last;
                break;
            }

            if (size.TryAdd(new NamedGroup(group.GroupId), ParleyJson.Wire.NamedGroup) is not { } item)
            {
                return ApiError.GroupAnswerTooLarge;
            }

            page.Add(item);
            last = group.Number;
        }

        return new ListGroupsResponse { TotalCount = await list.CountAsync(app, request.Type, cancellation), GroupIdList = page, Next = next };
    }

    // An older group of the same name may be there while this one's creation failed.
    private async Task<bool> IsThereAsync(uint app, ListedGroup group, CancellationToken cancellation)
    {
        var isThere = (await groups.ReadHeadAsync(new GroupKey(app, group.GroupId), cancellation))?.Number == group.Number;
        if (time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(group.CreatedAt) > BrokenAfter)
        {
            await (isThere ? list.SettleAsync(app, group.Number, cancellation) : list.ReleaseAsync(app, group.Number, cancellation));
        }

        return isThere;
    }
}

public sealed record ListGroupsRequest(int Limit, long Next, GroupType? Type) : IRequest<ListGroupsRequest>
{
    private const int MostGroups = 10_000;

    public static ListGroupsRequest Read(FieldReader fields)
    {
        var next = fields.OptionalInteger("Next", ApiError.GroupParameter) ?? 0;
        if (next is < 0 or > 999_999_999_999)
        {
            fields.Fail(ApiError.GroupParameter.In("Next"));
        }

        return new ListGroupsRequest(fields.Limit(MostGroups) ?? MostGroups, next, fields.OptionalType());
    }
}

public sealed record ListGroupsResponse : Envelope
{
    public required long TotalCount { get; init; }

    public required IReadOnlyList<RawJson> GroupIdList { get; init; }

    public required long Next { get; init; }
}

public sealed record NamedGroup(string GroupId);
