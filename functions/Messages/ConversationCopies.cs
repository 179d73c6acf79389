using Parley.Storage;

namespace Parley.Messages;

/// <summary>Changes one side's copy of a conversation, in one transaction.</summary>
public sealed class ConversationCopies(TableStore tables, TimeProvider time)
{
    /// <param name="change">A pure function: it may run several times. A caller that leaves does not stop it.</param>
    public Task<T> ApplyAsync<T>(AccountKey owner, string peer, Func<ConversationCopy, T> change)
    {
        var now = time.GetUtcNow();
        return tables.AccountWriter.ApplyAsync(owner.PartitionKey, view => change(new ConversationCopy(view, peer, now)), CancellationToken.None);
    }
}
