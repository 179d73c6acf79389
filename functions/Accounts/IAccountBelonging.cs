using Parley.Storage;

namespace Parley.Accounts;

/// <summary>Something of an account that is not, or not only, a row of its partition, and goes when the account is deleted.</summary>
/// <remarks>Register implementations as services of this type; they may not depend on <see cref="AccountDirectory"/>.</remarks>
public interface IAccountBelonging
{
    /// <summary>Removes it; safe to repeat. The account's row has gone before, its other rows are still there.</summary>
    Task RemoveAsync(AccountKey account, CancellationToken cancellation);
}
