using System.Text.Json;
using Parley.Accounts;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.Privacy;

/// <summary>The parts of an erasure, in order.</summary>
public enum ErasureStage
{
    Account,
    Conversations,
    Groups,
    Rest,
    Done,
}

/// <summary>How far an erasure has come.</summary>
/// <param name="Until">Unix seconds: what is newer is of an account of the same name that came later.</param>
public sealed record ErasureProgress(ErasureStage Stage, string? Continuation, long Until, IReadOnlyDictionary<string, long> Counts)
{
    internal ErasureProgress Counting(string what, long more) => more == 0 ? this : this with
    {
        Counts = new Dictionary<string, long>(Counts) { [what] = Counts.GetValueOrDefault(what) + more },
    };
}

/// <summary>
/// Deletes an account and, unlike account_delete, also what it has left elsewhere: the content of its messages in the copies of others and in groups, requests, mutes and bans of it,
/// extensions of its messages, dead letters that name it, files of exports of its own.
/// </summary>
internal sealed class AccountErasure(
    AccountDirectory accounts, AccountTraces traces, ErasedConversations conversations, ErasedEvents events, ErasedGroups groups, ErasedRest rest, TimeProvider time) : ITaskKind
{
    public const string Kind = "erasure";

    private static readonly TimeSpan StepTime = TimeSpan.FromSeconds(20);

    public string Name => Kind;

    public async Task<TaskStep> StepAsync(StoredTask task, CancellationToken cancellation)
    {
        var account = new AccountKey(task.SdkAppId, task.Parameters);
        var progress = task.Progress.Length == 0
            ? new ErasureProgress(ErasureStage.Account, null, task.CreatedAt.ToUnixTimeSeconds(), new Dictionary<string, long>())
            : JsonSerializer.Deserialize(task.Progress, ParleyJson.Wire.ErasureProgress) ?? throw new JsonException("The progress is null.");
        try
        {
            progress = await StepAsync(account, progress, cancellation);
        }
        catch (PartitionsMovedException)
        {
            // What was erased is passed over the next time.
            return Step(progress with { Continuation = null }) with { Wait = PartitionsMovedException.Pause };
        }

        return Step(progress);
    }

    private static TaskStep Step(ErasureProgress progress) =>
        new(JsonSerializer.Serialize(progress, ParleyJson.Wire.ErasureProgress), progress.Stage == ErasureStage.Done) { Counts = progress.Counts };

    private async Task<ErasureProgress> StepAsync(AccountKey account, ErasureProgress progress, CancellationToken cancellation) =>
        progress.Stage switch
        {
            ErasureStage.Account => await DeleteAccountAsync(account, progress, cancellation),
            ErasureStage.Conversations => await WalkAsync(
                progress, ErasureStage.Groups, traces.InAccountsAsync(account, progress.Continuation, cancellation),
                async (page, so) => await events.EraseAsync(account, page, await conversations.EraseAsync(account, page, so, cancellation), cancellation)),
            ErasureStage.Groups => await WalkAsync(
                progress, ErasureStage.Rest, traces.InGroupsAsync(account, progress.Continuation, cancellation),
                async (page, so) => await groups.EraseAsync(account, page, so, cancellation)),
            _ => await rest.EraseAsync(account, progress, cancellation) with { Stage = ErasureStage.Done },
        };

    private async Task<ErasureProgress> DeleteAccountAsync(AccountKey account, ErasureProgress progress, CancellationToken cancellation)
    {
        var isDeleted = await accounts.DeleteAsync(account, cancellation);

        // What was sent in this very second is the account's, and nothing of a later one can be.
        return (progress with { Stage = ErasureStage.Conversations, Until = time.GetUtcNow().ToUnixTimeSeconds() }).Counting("Accounts", isDeleted ? 1 : 0);
    }

    private async Task<ErasureProgress> WalkAsync(
        ErasureProgress progress, ErasureStage next, IAsyncEnumerable<Azure.Page<Azure.Data.Tables.TableEntity>> pages,
        Func<IReadOnlyList<Azure.Data.Tables.TableEntity>, ErasureProgress, Task<ErasureProgress>> eraseAsync)
    {
        var began = time.GetTimestamp();
        await foreach (var page in pages)
        {
            progress = (await eraseAsync(page.Values, progress)) with { Continuation = page.ContinuationToken };
            if (page.ContinuationToken is not null && time.GetElapsedTime(began) > StepTime)
            {
                return progress;
            }
        }

        return progress with { Stage = next, Continuation = null };
    }
}
