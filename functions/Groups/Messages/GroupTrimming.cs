using Azure.Data.Tables;
using Parley.Apps;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>
/// Deletes messages and changes that are older than the app keeps them: when their group is next written to, and by a slow sweep for idle ones.
/// Readers hide them already, so it may be late; it waits for a day's worth and then deletes in batches.
/// </summary>
public sealed partial class GroupTrimming(GroupStore groups, TimeProvider time, ILogger<GroupTrimming> logger)
{
    // Head, entries, identity rows and the senders' member rows, of a topic also those of its community, must fit into one transaction of 100.
    private const int BatchOfGroup = 30;
    private const int BatchOfTopic = 24;

    private static readonly string[] KeyOnly = ["PartitionKey", "RowKey"];

    private static readonly TimeSpan Slack = TimeSpan.FromDays(1);

    private static readonly string[] Columns =
    [
        "PartitionKey", "RowKey", "Seq", "Time", "Identity", GroupMessage.FromColumn, GroupMessage.CountsColumn, GroupMessage.CountedColumn, GroupMessage.RecalledColumn,
        GroupMessage.DeletedColumn,
    ];

    /// <summary>Deletes what is old of a group that has just been written to, in the background.</summary>
    public void TrimBeside(App app, GroupKey key, GroupHead head)
    {
        if (head.FirstSeq <= Math.Min(head.ClearedSeq, head.LastSeq) || IsWorthIt(app, head.FirstTime, head.FirstChangeSeq <= head.ChangeSeq ? head.FirstChangeTime : null))
        {
            _ = Task.Run(async () =>
            {
                try
                {
                    await TrimAsync(app, key, CancellationToken.None);
                }
                catch (Exception e)
                {
                    TrimFailed(logger, e);
                }
            });
        }
    }

    /// <summary>Whether there is a day's worth to delete, by the times of the oldest message and change, in Unix seconds; null where there is none.</summary>
    public bool IsWorthIt(App app, long? firstTime, long? firstChangeTime) => firstTime <= Threshold(app) || firstChangeTime <= Threshold(app);

    /// <summary>Deletes what is old of a group.</summary>
    /// <returns>How many entries were deleted.</returns>
    public async Task<int> TrimAsync(App app, GroupKey key, CancellationToken cancellation)
    {
        var start = app.RoamingStart(time.GetUtcNow());
        var cleared = (await groups.ReadHeadAsync(key, cancellation))?.ClearedSeq ?? 0;
        return await TrimMessagesAsync(key, row => row.GetInt64("Time") < start || row.GetInt64("Seq") <= cleared, cancellation)
            + await TrimChangesAsync(key, start, cancellation);
    }

    /// <summary>Deletes the oldest messages as long as they are such, with what hangs on them.</summary>
    public async Task<int> TrimMessagesAsync(GroupKey key, Predicate<TableEntity> isGone, CancellationToken cancellation)
    {
        for (var deleted = 0; ;)
        {
            var oldest = await ReadOldestAsync(key, "m|", "m}", cancellation);
            var expired = oldest.TakeWhile(row => isGone(row)).Take(BatchOf(key)).ToList();
            var firstKept = oldest.Skip(expired.Count).FirstOrDefault()?.GetInt64("Time");
            if (expired.Count == 0 || !await groups.ApplyAsync(key, group => TryTrimMessages(group, expired, firstKept), cancellation))
            {
                await TrimBesideMessagesAsync(key, deleted > 0 || expired.Count > 0, cancellation);
                return deleted;
            }

            deleted += expired.Count;
        }
    }

    // What is gone is unread for nobody: neither counted, nor taken off as the sender's own.
    private static bool TryTrimMessages(GroupPartition group, List<TableEntity> expired, long? firstKept)
    {
        if (group.Head is not { } head)
        {
            return false;
        }

        var messages = expired.ConvertAll(GroupMessage.FromRow);
        var senders = messages.Select(message => message.From).Where(from => from.Length > 0).Distinct().Select(group.FindMember).OfType<GroupMember>().ToList();
        var next = head.WithBase(messages[^1].Seq, messages[^1].Counted);
        if (!Timeline.TryTrim(group.Rows, GroupPartition.Messages, expired, firstKept, next.WriteTo))
        {
            return false;
        }

        var counted = messages.Where(message => message is { Counts: true, IsRecalled: false, IsDeleted: false }).ToLookup(message => message.From, message => message.Seq);
        senders.Where(sender => counted.Contains(sender.Account)).ToList().ForEach(sender => group.Put(sender.WithoutOwn(head, counted[sender.Account])));
        return true;
    }

    // Receipts and extensions have the message's number in their keys.
    private async Task TrimBesideMessagesAsync(GroupKey key, bool isAny, CancellationToken cancellation)
    {
        if (!isAny || await groups.ReadHeadAsync(key, cancellation) is not { } head)
        {
            return;
        }

        foreach (var prefix in (string[])[GroupReceipt.Prefix, GroupExtensions.Prefix])
        {
            var gone = new List<string>();
            await foreach (var row in groups.QueryAsync(key, prefix, prefix + KeyText.Sequence(head.FirstSeq), cancellation, KeyOnly))
            {
                gone.Add(row.RowKey);
            }

            await groups.DeleteAsync(key, gone, cancellation);
        }
    }

    private async Task<int> TrimChangesAsync(GroupKey key, long start, CancellationToken cancellation)
    {
        for (var deleted = 0; ;)
        {
            var oldest = await ReadOldestAsync(key, GroupChange.Prefix, "e}", cancellation);
            var expired = oldest.TakeWhile(row => row.GetInt64("Time") < start).Take(BatchOf(key)).ToList();
            if (expired.Count == 0)
            {
                return deleted;
            }

            var firstKept = oldest.Skip(expired.Count).FirstOrDefault()?.GetInt64("Time");
            if (!await groups.ApplyAsync(key, group => TryTrimChanges(group, expired, firstKept), cancellation))
            {
                return deleted;
            }

            deleted += expired.Count;
        }
    }

    private static bool TryTrimChanges(GroupPartition group, List<TableEntity> expired, long? firstKept)
    {
        var last = expired[^1].GetInt64("Seq") ?? 0;
        if (group.Head is not { } head || head.FirstChangeSeq > last)
        {
            return false;
        }

        expired.ForEach(row => group.Rows.DeleteLikely(row.RowKey));
        group.Put(head with { FirstChangeSeq = last + 1, FirstChangeTime = firstKept ?? group.NowSeconds });
        return true;
    }

    private async Task<List<TableEntity>> ReadOldestAsync(GroupKey key, string from, string to, CancellationToken cancellation)
    {
        var oldest = new List<TableEntity>();
        await foreach (var row in groups.QueryAsync(key, from, to, cancellation, Columns, BatchOf(key) + 1))
        {
            oldest.Add(row);
            if (oldest.Count > BatchOf(key))
            {
                break;
            }
        }

        return oldest;
    }

    private static int BatchOf(GroupKey key) => key.TopicId is null ? BatchOfGroup : BatchOfTopic;

    private long Threshold(App app) => app.RoamingStart(time.GetUtcNow()) - (long)Slack.TotalSeconds;

    [LoggerMessage(EventId = 8001, Level = LogLevel.Warning, Message = "Old messages of a group could not be deleted; the next write or sweep tries again")]
    private static partial void TrimFailed(ILogger logger, Exception exception);
}
