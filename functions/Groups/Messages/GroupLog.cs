using System.Text.Json;
using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>A piece of one of a group's two logs.</summary>
/// <param name="FirstSeq">The oldest number that the reader may see.</param>
/// <param name="FromSeq">First number that the piece covers.</param>
/// <param name="UpToSeq">Last number that the piece covers; less than FromSeq when it covers nothing.</param>
/// <param name="Entries">Oldest first, as devices hear them. Numbers of the piece that are missing are gone.</param>
public sealed record GroupLogPage(long FirstSeq, long LastSeq, long FromSeq, long UpToSeq, IReadOnlyList<RawJson> Entries);

/// <summary>Which piece of a log is wanted.</summary>
/// <param name="After">Null to read backwards from Before.</param>
public readonly record struct LogRange(long? After, long Before, int MaxCount)
{
    /// <summary>The numbers, both ends included.</summary>
    public (long From, long To) Within(long first, long last)
    {
        if (After is { } after)
        {
            var from = Math.Max(Math.Min(after, last) + 1, first);
            return (from, Math.Min(last, from + MaxCount - 1));
        }

        var to = Math.Min(Before - 1, last);
        return (Math.Max(first, to - MaxCount + 1), to);
    }
}

/// <summary>Reads a group's logs for one who may see it: of messages, and of what became of them and of the group.</summary>
public sealed class GroupLog(GroupStore groups, GroupReader reader)
{
    // So that a page stays below 1 MB with what surrounds it.
    private const int MostCharacters = 800_000;

    public async Task<GroupLogPage> ReadMessagesAsync(GroupKey key, GroupSight sight, LogRange range, CancellationToken cancellation)
    {
        var (from, to) = range.Within(sight.First, sight.Head.LastSeq);
        var entries = (await reader.ReadAsync(key, from, to, cancellation)).Where(sight.Reaches)
            .Select(message => (message.Seq, Json: ToEvent(key, sight, message).ToRawJson())).ToList();
        return Cut(range, sight.First, sight.Head.LastSeq, (from, to), entries);
    }

    public async Task<GroupLogPage> ReadChangesAsync(GroupKey key, GroupSight sight, LogRange range, CancellationToken cancellation)
    {
        var (from, to) = range.Within(sight.Head.FirstChangeSeq, sight.Head.ChangeSeq);
        var entries = new List<(long Seq, RawJson Json)>();
        if (from <= to)
        {
            await foreach (var row in groups.QueryAsync(key, GroupChange.RowKeyOf(from), GroupChange.RowKeyOf(to + 1), cancellation))
            {
                var change = GroupChange.FromRow(row);
                if (change.Time >= sight.Start)
                {
                    entries.Add((change.Sequence, MaySee(sight, change) ? change.Json : WithoutContent(change)));
                }
            }
        }

        return Cut(range, sight.Head.FirstChangeSeq, sight.Head.ChangeSeq, (from, to), entries);
    }

    private static GroupEvent ToEvent(GroupKey key, GroupSight sight, GroupMessage message) =>
        message.IsDeleted || sight.Sees(message)
            ? GroupEvents.OfMessage(key, sight.Head.Epoch, message)
            : GroupEvents.Hidden(key, sight.Head.Epoch, message);

    // What messages from before somebody came became then is not for it either.
    private static bool MaySee(GroupSight sight, GroupChange change) =>
        sight.Member is not { } member || sight.Head.IsHistoryOpen || change.Time >= member.JoinTime;

    private static RawJson WithoutContent(GroupChange change) =>
        (JsonSerializer.Deserialize(change.Json.Text, ParleyJson.Wire.GroupEvent)! with { MsgBody = null, CloudCustomData = null, Content = null }).ToRawJson();

    // Too much at once is cut at the far end.
    private static GroupLogPage Cut(LogRange range, long first, long last, (long From, long To) covered, List<(long Seq, RawJson Json)> entries)
    {
        var isForward = range.After is not null;
        var characters = 0;
        var ordered = isForward ? entries : entries.AsEnumerable().Reverse();
        var kept = ordered.TakeWhile((entry, i) => (characters += entry.Json.Text.Length) <= MostCharacters || i == 0).ToList();
        if (kept.Count < entries.Count)
        {
            covered = isForward ? (covered.From, kept[^1].Seq) : (kept[^1].Seq, covered.To);
        }

        return new GroupLogPage(first, last, covered.From, covered.To, [.. kept.OrderBy(entry => entry.Seq).Select(entry => entry.Json)]);
    }
}
