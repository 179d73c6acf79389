using System.Globalization;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Callbacks;
using Parley.Groups.Callbacks;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Lifecycle;

/// <summary>A group in the list of an app.</summary>
/// <param name="Number">Its place: groups that were created later have higher ones.</param>
/// <param name="CreatedAt">Unix seconds.</param>
/// <param name="IsSettled">Whether its creation is known to be over.</param>
public sealed record ListedGroup(long Number, string GroupId, GroupType Type, long CreatedAt, bool IsSettled);

/// <summary>
/// The groups of an app, in the order of their creation: partition <c>x|{app}</c> of table <c>groups</c>, row <c>h</c> with counts and quotas, <c>n|{number}</c> for each
/// group. A group is listed before it is created and until it is gone.
/// </summary>
public sealed class AppGroups(TableStore tables, AfterCallbacks callbacks, TimeProvider time)
{
    private const string Head = "h";

    // Of the day's quota, in percent; the app is told once a day when more is used. Source: API reference, callbacks §7.15.
    private const int AlarmPercent = 70;

    /// <summary>Takes a place in the list.</summary>
    /// <returns>10006 or 10036 when the app has all that it may have.</returns>
    public Task<Result<ListedGroup>> ReserveAsync(App app, string groupId, GroupType type, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var attempt = Guid.NewGuid().ToString("N");
        var alarm = callbacks.Begin(app, CallbackCommands.GroupQuotaAlarm, CallOrigin.Unknown);
        return tables.GroupWriter.ApplyAsync(Partition(app.SdkAppId), view => Reserve(view, app, groupId, type, now, attempt, alarm), cancellation);
    }

    /// <summary>Notes that the group is there.</summary>
    public Task SettleAsync(uint app, long number, CancellationToken cancellation) => tables.GroupWriter.ApplyAsync(Partition(app), view =>
    {
        if (view.Get(Row(number)) is not { } row || row.GetBoolean("Settled") == true)
        {
            return false;
        }

        var settled = row.Copy();
        settled["Settled"] = true;
        view.Put(settled);
        return true;
    }, cancellation);

    /// <summary>Takes a group off the list; safe to repeat.</summary>
    public Task ReleaseAsync(uint app, long number, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return tables.GroupWriter.ApplyAsync(Partition(app), view =>
        {
            if (view.Get(Row(number)) is not { } row)
            {
                return false;
            }

            view.Delete(row.RowKey);
            var head = Today(view, now);
            Count(head, row.GetString("Type") ?? "", -1);
            view.Put(head);
            return true;
        }, cancellation);
    }

    /// <summary>How many groups there are.</summary>
    /// <param name="type">Null for all.</param>
    public async Task<long> CountAsync(uint app, GroupType? type, CancellationToken cancellation)
    {
        var answer = await tables.Groups.GetEntityIfExistsAsync<TableEntity>(Partition(app), Head, cancellationToken: cancellation);
        return answer.HasValue ? answer.Value!.GetInt64($"Count{type?.ToString() ?? ""}") ?? 0 : 0;
    }

    /// <summary>Groups in the order of their creation.</summary>
    /// <param name="after">Number of the last that is known; 0 for none.</param>
    /// <param name="type">Null for all.</param>
    public async IAsyncEnumerable<ListedGroup> ReadAsync(
        uint app, long after, GroupType? type, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var (partition, from, to) = (Partition(app), Row(after), "n}");
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey gt {from} and RowKey lt {to}")
            + (type is { } only ? TableClient.CreateQueryFilter($" and Type eq {only.ToString()}") : "");
        await foreach (var row in tables.Groups.QueryAsync<TableEntity>(partition, filter, cancellationToken: cancellation))
        {
            yield return new ListedGroup(
                row.GetInt64("Number") ?? 0, row.GetString("GroupId") ?? "", Enum.Parse<GroupType>(row.GetString("Type")),
                row.GetInt64("CreatedAt") ?? 0, row.GetBoolean("Settled") ?? false);
        }
    }

    private static Result<ListedGroup> Reserve(
        PartitionView view, App app, string groupId, GroupType type, DateTimeOffset now, string attempt, AfterCallback? alarm)
    {
        var head = Today(view, now);
        if (head.GetString("Attempt") == attempt)
        {
            return Listed(head.GetInt64("LastNumber") ?? 0);
        }

        if (FindFullQuota(head, app, type) is { } full)
        {
            return full;
        }

        var number = (head.GetInt64("LastNumber") ?? 0) + 1;
        head["LastNumber"] = number;
        head["Attempt"] = attempt;
        Count(head, type.ToString(), 1);
        Alarm(view, head, app, alarm);
        view.Put(head);
        view.Insert(new TableEntity
        {
            RowKey = Row(number),
            ["Number"] = number,
            ["GroupId"] = groupId,
            ["Type"] = type.ToString(),
            ["CreatedAt"] = now.ToUnixTimeSeconds(),
            ["Settled"] = false,
        });
        return Listed(number);

        ListedGroup Listed(long given) => new(given, groupId, type, now.ToUnixTimeSeconds(), false);
    }

    private static void Alarm(PartitionView view, TableEntity head, App app, AfterCallback? alarm)
    {
        var used = head.GetInt64("NewToday") ?? 0;
        if (alarm is null || used * 100 <= (long)app.MaxNewGroupsADay * AlarmPercent || head.GetInt64("AlarmDay") == head.GetInt64("Day"))
        {
            return;
        }

        head["AlarmDay"] = head.GetInt64("Day");
        var fields = new GroupCallbackFields { QuotaUsed = used, Quota = app.MaxNewGroupsADay, EventTime = GroupCallbackFields.TimeOf(alarm.At) };
        alarm.Append(view, fields, ParleyJson.Wire.GroupCallbackFields);
    }

    private static ApiError? FindFullQuota(TableEntity head, App app, GroupType type)
    {
        var count = head.GetInt64($"Count{type}") ?? 0;
        return head.GetInt64("NewToday") >= app.MaxNewGroupsADay ? ApiError.GroupQuotaReached
            : type == GroupType.BChatRoom && count >= app.MaxBroadcastRooms ? ApiError.GroupQuotaReached
            : type == GroupType.AVChatRoom && app.MaxLiveRooms > 0 && count >= app.MaxLiveRooms ? ApiError.TooManyLiveRooms
            : null;
    }

    private static TableEntity Today(PartitionView view, DateTimeOffset now)
    {
        var head = view.Get(Head)?.Copy() ?? new TableEntity { RowKey = Head };
        var day = now.ToUnixTimeSeconds() / 86400;
        if (head.GetInt64("Day") != day)
        {
            head["Day"] = day;
            head["NewToday"] = 0L;
        }

        return head;
    }

    private static void Count(TableEntity head, string type, int more)
    {
        foreach (var column in (string[])["Count", $"Count{type}", "NewToday"])
        {
            head[column] = (head.GetInt64(column) ?? 0) + more;
        }
    }

    private static string Partition(uint app) => string.Create(CultureInfo.InvariantCulture, $"x|{app}");

    private static string Row(long number) => $"n|{KeyText.Sequence(number)}";
}
