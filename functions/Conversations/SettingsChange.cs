using Parley.Accounts;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Conversations;

/// <summary>
/// A change of an account's settings inside a transaction: collects what is set and writes it, with the head, in <see cref="Finish"/>.
/// In a replay of a request that was committed it changes nothing and tells again what was changed.
/// </summary>
public sealed class SettingsChange
{
    private const int MostPinned = 50;
    private const int MostKept = 1000;

    private readonly PartitionView _view;
    private readonly string _attempt;
    private readonly DateTimeOffset _now;
    private readonly bool _isNewHead;
    private readonly long? _replayed;
    private readonly long _version;
    private readonly Dictionary<string, ConversationSettings> _rows = new(StringComparer.Ordinal);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private bool _saysNew;
    private bool _tellsGroups;
    private bool _isTouched;

    /// <param name="attempt">Names the request and is its own.</param>
    public SettingsChange(PartitionView view, string attempt, DateTimeOffset now)
    {
        (_view, _attempt, _now) = (view, attempt, now);
        var row = view.Get(ConversationSettings.HeadRow);
        Head = SettingsHead.FromRow(row);
        _isNewHead = row is null;
        _replayed = Head.VersionOf(attempt);
        _version = _replayed ?? Head.Version + 1;
    }

    public SettingsHead Head { get; private set; }

    /// <summary>Changes what is set about a conversation.</summary>
    /// <param name="unknown">Why the conversation cannot be named; only matters where nothing is set about it yet.</param>
    /// <param name="change">From what is set to what shall be.</param>
    /// <returns>The error that hindered it; 51008 or 51012 among them.</returns>
    public ApiError? Set(ContactItem item, ApiError? unknown, Func<ConversationSettings, Result<ConversationSettings>> change)
    {
        var stored = Find(item.Key);
        if (stored is null && unknown is not null)
        {
            return unknown;
        }

        var before = Head.Prune(stored ?? new ConversationSettings(item.Key));
        if (before.Version == _replayed)
        {
            _told.Add(item.Key);
            return null;
        }

        if (!change(before).TryGet(out var after, out var error) || after.SaysTheSameAs(before))
        {
            return error;
        }

        if (Refusal(stored, after) is { } refusal || _replayed is not null)
        {
            return Refusal(stored, after);
        }

        Put(stored, after with { Version = _version, ChangedAt = _now.ToUnixTimeSeconds() });
        _told.Add(item.Key);
        _saysNew = true;
        return null;
    }

    /// <summary>Takes groups that were deleted out of what is stored about a conversation; to its owner nothing changes.</summary>
    public void CleanUp(string key)
    {
        if (Find(key) is { } stored && Head.Prune(stored) is var pruned && !pruned.SaysTheSameAs(stored))
        {
            Put(stored, pruned);
        }
    }

    /// <summary>Notes that what was deleted up to a version of the head is cleaned up.</summary>
    public void NoteCleanedUp(long uncleaned)
    {
        if (uncleaned > 0 && Head.Uncleaned == uncleaned)
        {
            Head = Head with { Uncleaned = 0 };
            _isTouched = true;
        }
    }

    /// <summary>Adds, renames or deletes a group.</summary>
    /// <param name="id">Null for a new one.</param>
    public StoredGroup PutGroup(string name, long? id, bool isDeleted = false)
    {
        var group = new StoredGroup(name, id ?? Head.LastGroupId + 1, _version, isDeleted);
        Head = (Head with { LastGroupId = Math.Max(Head.LastGroupId, group.Id), Uncleaned = isDeleted ? _version : Head.Uncleaned }).With(group);
        _saysNew = _tellsGroups = true;
        return group;
    }

    /// <summary>The group that was made, renamed or deleted when this request was committed; null when this is no replay of it.</summary>
    public StoredGroup? FindOwnGroup()
    {
        var own = Head.AllGroups.FirstOrDefault(group => group.Version == _replayed);
        _tellsGroups |= own is not null;
        return own;
    }

    /// <summary>Writes what was collected.</summary>
    /// <returns>What the owner's devices shall hear; null when nothing changed. 50001 when the account does not exist.</returns>
    public Result<ConversationSettingsEvent?> Finish()
    {
        if (_saysNew)
        {
            Head = Head.Raise(_attempt);
        }

        if (_saysNew || _isTouched)
        {
            if (_isNewHead && !_view.ExistsLikely(AccountTable.AccountRow))
            {
                return ApiError.ConversationAccount.In("From_Account");
            }

            _view.Put(Head.ToRow());
            foreach (var row in _rows.Values)
            {
                _view.Put(row.ToRow());
            }
        }

        return _told.Count == 0 && !_tellsGroups ? (ConversationSettingsEvent?)null : new ConversationSettingsEvent(
            _version,
            _told.Count == 0 ? null : [.. _told.Select(key => Head.Prune(Find(key)!).ToContact())],
            _tellsGroups ? [.. Head.Groups.Select(group => group.ToItem())] : null);
    }

    private ConversationSettings? Find(string key) =>
        _rows.TryGetValue(key, out var collected) ? collected
        : _view.Get(ConversationSettings.RowPrefix + key) is { } row ? ConversationSettings.FromRow(row)
        : null;

    private ApiError? Refusal(ConversationSettings? before, ConversationSettings after) =>
        after.IsPinned && before?.IsPinned != true && Head.Pinned >= MostPinned ? ApiError.TooManyPinned
        : after.IsKept && before?.IsKept != true && Head.Kept >= MostKept ? ApiError.TooManyKept
        : null;

    private void Put(ConversationSettings? before, ConversationSettings after)
    {
        var place = !after.IsKept ? 0 : after.Place > 0 ? after.Place : Head.LastPlace + 1;
        _rows[after.Key] = after with { Place = place };
        _isTouched = true;
        Head = Head with
        {
            LastPlace = Math.Max(Head.LastPlace, place),
            Pinned = Head.Pinned + One(after.IsPinned) - One(before?.IsPinned),
            Kept = Head.Kept + One(after.IsKept) - One(before?.IsKept),
        };
    }

    private static int One(bool? isSo) => isSo == true ? 1 : 0;
}
