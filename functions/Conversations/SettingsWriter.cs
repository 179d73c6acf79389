using System.Text.Json;
using Parley.Delivery;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Conversations;

/// <summary>A change of what is set about one conversation.</summary>
/// <param name="Apply">From what is set to what shall be; it may look at what the account's settings have in common.</param>
public sealed record ContactChange(ContactItem Item, Func<SettingsHead, ConversationSettings, Result<ConversationSettings>> Apply)
{
    public ContactChange(ContactItem item, Func<ConversationSettings, ConversationSettings> apply)
        : this(item, (_, before) => apply(before))
    {
    }
}

/// <summary>Changes an account's settings of conversations and tells its devices.</summary>
public sealed class SettingsWriter(TableStore tables, ContactDirectory contacts, SettingsReader reader, Outbox outbox, TimeProvider time)
{
    /// <summary>So many conversations of the longest marks still make an event of moderate size; the head must fit into the transaction too.</summary>
    private const int BatchSize = 25;

    private sealed record BatchOutcome(IReadOnlyList<ApiError?> Errors, long Uncleaned);

    /// <summary>Runs a change in one transaction; it writes nothing when it answers an error.</summary>
    public async Task<Result<T>> ApplyAsync<T>(AccountKey owner, Func<SettingsChange, Result<T>> change)
    {
        var (attempt, now) = (Guid.NewGuid().ToString("N")[..16], time.GetUtcNow());
        var (result, told) = await tables.AccountWriter.ApplyAsync(owner.PartitionKey, view => Apply(new SettingsChange(view, attempt, now), change), CancellationToken.None);
        if (told is not null)
        {
            await outbox.SendAsync(owner, JsonSerializer.SerializeToUtf8Bytes(told, ParleyJson.Wire.ConversationSettingsEvent));
        }

        return result;
    }

    /// <summary>Changes what is set about one conversation.</summary>
    /// <returns>The error that hindered it.</returns>
    public async Task<ApiError?> SetAsync(AccountKey owner, ContactItem item, Func<ConversationSettings, ConversationSettings> change, CancellationToken cancellation) =>
        (await SetEachAsync(owner, [new ContactChange(item, change)], cancellation))[0];

    /// <summary>Changes what is set about conversations, some at a time.</summary>
    /// <returns>For each the error that hindered it, or null.</returns>
    public async Task<IReadOnlyList<ApiError?>> SetEachAsync(AccountKey owner, IReadOnlyList<ContactChange> changes, CancellationToken cancellation)
    {
        var errors = new List<ApiError?>();
        foreach (var batch in changes.Chunk(BatchSize))
        {
            var unknown = await Task.WhenAll(batch.Select(change => contacts.CheckAsync(owner, change.Item, cancellation).AsTask()));
            errors.AddRange(await SetBatchAsync(owner, batch, unknown));
        }

        return errors;
    }

    /// <summary>Takes groups that were deleted out of all rows, so that nothing counts for them any more. Safe to repeat.</summary>
    public async Task CleanUpAsync(AccountKey owner)
    {
        var (head, all) = await reader.ReadAsync(owner, CancellationToken.None);
        var stale = all.Where(settings => !head.Prune(settings).SaysTheSameAs(settings)).Select(settings => settings.Key).ToList();
        foreach (var batch in stale.Chunk(BatchSize))
        {
            await ApplyAsync<bool>(owner, change =>
            {
                Array.ForEach(batch, change.CleanUp);
                return true;
            });
        }

        await ApplyAsync<bool>(owner, change =>
        {
            change.NoteCleanedUp(head.Uncleaned);
            return true;
        });
    }

    private async Task<IReadOnlyList<ApiError?>> SetBatchAsync(AccountKey owner, ContactChange[] batch, ApiError?[] unknown)
    {
        var outcome = await ApplyBatchAsync(owner, batch, unknown);
        if (outcome.TryGet(out var done, out _) && done.Uncleaned > 0 && done.Errors.Contains(ApiError.TooManyKept))
        {
            // Conversations of a deleted group still count: whoever deleted it did not finish.
            await CleanUpAsync(owner);
            outcome = await ApplyBatchAsync(owner, batch, unknown);
        }

        return outcome.TryGet(out done, out var error) ? done.Errors : [.. batch.Select(_ => error)];
    }

    private Task<Result<BatchOutcome>> ApplyBatchAsync(AccountKey owner, ContactChange[] batch, ApiError?[] unknown) => ApplyAsync<BatchOutcome>(owner, change =>
    {
        var errors = batch.Select((item, n) => change.Set(item.Item, unknown[n], before => item.Apply(change.Head, before))).ToList();
        return new BatchOutcome(errors, change.Head.Uncleaned);
    });

    private static (Result<T> Result, ConversationSettingsEvent? Told) Apply<T>(SettingsChange settings, Func<SettingsChange, Result<T>> change)
    {
        var result = change(settings);
        return result.Error is not null ? (result, null)
            : settings.Finish().TryGet(out var told, out var error) ? (result, told)
            : (error, null);
    }
}
