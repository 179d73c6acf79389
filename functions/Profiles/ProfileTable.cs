using System.Collections.Concurrent;
using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Events;
using Parley.Storage;

namespace Parley.Profiles;

/// <summary>A field and the value that it shall have; null to clear it.</summary>
public readonly record struct ProfileChange(ProfileTag Tag, object? Value)
{
    /// <summary>As others hear of it; of a field that is cleared, the empty text or 0.</summary>
    public TagValue ToValue() => Tag.WithValue(Value ?? (Tag.IsNumber ? 0L : ""));
}

/// <summary>What became of a change of a profile.</summary>
/// <param name="Event">What the account's devices shall hear; null when nothing changed that accounts may read.</param>
/// <param name="Content">The same without its number.</param>
internal sealed record ChangedProfile(AccountState State, StoredEvent? Event, ProfileContent Content);

/// <summary>The profiles of accounts: columns of row <c>a</c> of an account's partition in table <c>accounts</c> (<see cref="ProfileTag.Column"/>).</summary>
public sealed class ProfileTable(TableStore tables, TimeProvider time)
{
    private const int AtOnce = 32;

    /// <summary>Reads fields of profiles: one point read for each account, some at once.</summary>
    /// <returns>The fields of each that have a value; null for an account that does not exist.</returns>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<TagValue>?>> ReadAsync(
        uint sdkAppId, IEnumerable<string> accounts, IReadOnlyList<ProfileTag> tags, CancellationToken cancellation)
    {
        var profiles = new ConcurrentDictionary<string, IReadOnlyList<TagValue>?>(StringComparer.Ordinal);
        string[] columns = ["RowKey", .. tags.Select(tag => tag.Column)];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(accounts.Distinct(), parallel, async (account, token) =>
        {
            var row = await tables.Accounts.GetEntityIfExistsAsync<TableEntity>(
                new AccountKey(sdkAppId, account).PartitionKey, AccountTable.AccountRow, columns, token);
            profiles[account] = row.HasValue ? Values(row.Value!, tags) : null;
        });
        return profiles;
    }

    /// <summary>Changes fields of a profile, all or none, and appends what changed to the account's events.</summary>
    /// <param name="tell">Called inside the transaction with what changes, if anything does; once, or again if the transaction is.</param>
    /// <returns>Null when the account does not exist.</returns>
    internal Task<ChangedProfile?> ChangeAsync(
        AccountKey owner, IReadOnlyList<ProfileChange> changes, Action<PartitionView, IReadOnlyList<TagValue>>? tell, CancellationToken cancellation)
    {
        var (now, id) = (time.GetUtcNow(), $"profile {Guid.NewGuid():N}");
        return tables.AccountWriter.ApplyAsync(owner.PartitionKey, view => Change(view, changes, tell, id, now), cancellation);
    }

    private static ChangedProfile? Change(
        PartitionView view, IReadOnlyList<ProfileChange> changes, Action<PartitionView, IReadOnlyList<TagValue>>? tell, string id, DateTimeOffset now)
    {
        if (view.Get(AccountTable.AccountRow) is not { } existing)
        {
            return null;
        }

        var row = existing.Copy();
        var differences = changes.Where(change => !Equals(existing[change.Tag.Column], change.Value)).ToList();
        differences.ForEach(change => Set(row, change));

        // A replay finds its values stored, and the event by its name.
        var wasDone = EventTimeline.Has(view, id);
        if (differences.Count == 0 && !wasDone)
        {
            return new ChangedProfile(AccountState.FromRow(existing), null, ProfileContent.Of([]));
        }

        view.Put(row);
        if (!wasDone)
        {
            tell?.Invoke(view, [.. differences.Select(change => change.ToValue())]);
        }

        var readable = (wasDone ? changes : differences).Where(change => change.Tag.IsReadable);
        var content = ProfileContent.Of([.. readable.Select(change => change.ToValue())]);
        var happened = AccountEvent.Create(id, ProfileContent.EventType, content, ParleyJson.Wire.ProfileContent);
        return new ChangedProfile(AccountState.FromRow(row), readable.Any() ? EventTimeline.Append(view, happened, now) : null, content);
    }

    private static void Set(TableEntity row, ProfileChange change)
    {
        if (change.Value is null)
        {
            row.Remove(change.Tag.Column);
        }
        else
        {
            row[change.Tag.Column] = change.Value;
        }
    }

    private static IReadOnlyList<TagValue> Values(TableEntity row, IEnumerable<ProfileTag> tags) =>
        [.. tags.Where(tag => row[tag.Column] is not null).Select(tag => tag.WithValue(row[tag.Column]))];
}
