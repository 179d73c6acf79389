using System.Globalization;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>Imports messages in one transaction, as a pure function of the group's partition.</summary>
/// <param name="Objections">What is wrong with which of them.</param>
/// <param name="Attempt">Names the request, so that its own replay imports nothing more.</param>
public sealed record GroupImport(
    IReadOnlyList<ImportedGroupMessage> Messages, IReadOnlyDictionary<int, ApiError> Objections, bool IsShownLast, GroupActor Actor, string Attempt)
{
    public Result<List<ImportedItem>> Apply(GroupPartition group)
    {
        if (group.Head is not { } head)
        {
            return ApiError.GroupNotFound;
        }

        if (group.RefuseChange(head, GroupAction.Import, Actor) is { } refusal)
        {
            return refusal;
        }

        // Of those of one call several may be of one second; those of the next must be later.
        var results = new List<ImportedItem>();
        var earliest = Math.Max(head.CreateTime, head.LastTime + 1);
        for (var i = 0; i < Messages.Count; i++)
        {
            var result = Import(group, i, earliest);
            earliest = result.Result == 0 ? Math.Max(earliest, Messages[i].SendTime) : earliest;
            results.Add(result);
        }

        return results;
    }

    private ImportedItem Import(GroupPartition group, int index, long earliest)
    {
        var (message, head) = (Messages[index], group.Head!);
        if (Objections.TryGetValue(index, out var objection))
        {
            return new ImportedItem(objection.Code, 0, 0);
        }

        var name = message.Random is { } random
            ? string.Create(CultureInfo.InvariantCulture, $"{KeyText.Escape(message.From)}_{random}")
            : string.Create(CultureInfo.InvariantCulture, $"{Attempt}-{index}");
        var identity = new EntryIdentity(name, Attempt, message.Content.Digest);

        // Looked up and not guessed: what is refused for its time writes nothing that would put a wrong guess right.
        group.Rows.Get(GroupPartition.Messages.Identity(name));
        if (Timeline.FindDuplicate(group.Rows, GroupPartition.Messages, identity, group.Now) is { } known)
        {
            return new ImportedItem(0, known.Sequence, known.Time);
        }

        if (message.SendTime < earliest || message.SendTime >= group.NowSeconds)
        {
            return new ImportedItem(ApiError.GroupParameter.Code, 0, 0);
        }

        // Nothing is unread afterwards, without a word to any member.
        var stored = new GroupMessage
        {
            From = message.From,
            Random = message.Random ?? 0,
            Content = message.Content,
            IsShownLast = IsShownLast,
            Counted = head.Counted,
            Others = head.Members,
        };
        var appended = group.Append(head.WithBase(head.LastSeq + 1, head.Counted), stored, identity, message.SendTime);
        return new ImportedItem(0, appended.Sequence, appended.Time);
    }
}
