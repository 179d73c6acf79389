using System.Globalization;
using Azure.Data.Tables;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>What became of the pairs, and the log's entry of it; null when nothing was changed.</summary>
public sealed record GroupExtended(IReadOnlyList<ExtensionItemResult> Items, long Epoch, GroupChange? Change);

/// <summary>The key-value pairs that hang on a group's messages: rows <c>x|{number}</c> and <c>x|{number}|{hash of the key}</c>, as <see cref="ExtensionRows"/> describes them.</summary>
public sealed class GroupExtensions(GroupStore groups, GroupReader reader, TimeProvider time)
{
    /// <summary>Prefix of the rows.</summary>
    public const string Prefix = "x|";

    /// <summary>Changes pairs.</summary>
    /// <returns>10010, 10007, 23002, 23003, 23004 or 10004 when nothing could be changed.</returns>
    internal Task<Result<GroupExtended>> ChangeAsync(GroupKey key, GroupActor actor, long number, ExtensionEdit edit, long start, CancellationToken cancellation) =>
        groups.ApplyAsync(key, group => Apply(group, actor, number, edit, start), cancellation);

    /// <summary>Reads pairs from a version on; those that were deleted too, unless it is 0. 23002 or 23004 when the message has none.</summary>
    public async Task<Result<ExtensionState>> ReadAsync(GroupKey key, GroupSight sight, long number, long startSeq, CancellationToken cancellation)
    {
        if (Judge(await reader.FindAsync(key, sight, number, cancellation), sight) is { } objection)
        {
            return objection;
        }

        var head = HeadKey(number);
        var rows = new List<TableEntity>();
        await foreach (var row in groups.QueryAsync(key, head, head + "}", cancellation))
        {
            rows.Add(row);
        }

        return ExtensionState.Of(rows, head, startSeq);
    }

    internal ExtensionEdit NewEdit(ExtensionOperation operation, IReadOnlyList<ExtensionItem> items, bool checksSeq) =>
        new(operation, items, checksSeq, Guid.NewGuid().ToString("N"), time.GetUtcNow());

    private static Result<GroupExtended> Apply(GroupPartition group, GroupActor actor, long number, ExtensionEdit edit, long start)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (group.RefuseChange(head, GroupAction.MessageExtensions, actor) is { } refusal)
        {
            return refusal;
        }

        var headKey = HeadKey(number);
        var known = group.Rows.Get(headKey);
        var message = group.FindMessage(number);
        if (Judge(message, GroupSight.Of(group, head, actor, start)) is { } objection)
        {
            return objection;
        }

        if (!edit.Apply(group.Rows, headKey, known).TryGet(out var edited, out var error))
        {
            return error;
        }

        if (edited.Head is not { } row)
        {
            return new GroupExtended(edited.Items, head.Epoch, edited.NotedAt is { } noted ? group.FindChange(noted) : null);
        }

        // It writes the head, whose version guards what was read of the message: every change of a message writes it too.
        var change = group.AppendChange(head, GroupEvent.Extension, sequence => GroupEvents.OfChange(group.Key, head.Epoch, GroupEvent.Extension, sequence, [number], actor) with
        {
            Content = new RawJson(string.Create(CultureInfo.InvariantCulture, $$"""{"LatestSeq":{{edited.Latest}}}""")),
        });
        ExtensionEdit.NoteAt(row, change.Sequence);
        return new GroupExtended(edited.Items, head.Epoch, change);
    }

    private static ApiError? Judge(GroupMessage? message, GroupSight sight) =>
        message is null || !sight.Sees(message) || message.IsRecalled ? ApiError.ExtensionOfNoMessage
        : !message.Content.SupportsExtension ? ApiError.ExtensionNotSupported
        : null;

    private static string HeadKey(long number) => Prefix + KeyText.Sequence(number);
}
