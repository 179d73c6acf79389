using Parley.Storage;

namespace Parley.Profiles;

/// <summary>Who wants to hear of changes of an account's profile, beside its own devices.</summary>
public interface IProfileAudience
{
    /// <summary>The accounts, some at a time.</summary>
    IAsyncEnumerable<IReadOnlyList<string>> OfAsync(AccountKey account, CancellationToken cancellation);
}
