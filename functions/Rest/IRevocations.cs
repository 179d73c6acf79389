using Parley.Storage;

namespace Parley.Rest;

/// <summary>Knows which UserSigs are no longer good though they have not expired. Declared here, because accounts are built on this folder.</summary>
public interface IRevocations
{
    /// <summary>Whether a UserSig of that account, made at that time (Unix seconds), was revoked since.</summary>
    ValueTask<bool> IsRevokedAsync(AccountKey account, long signedAt, CancellationToken cancellation);
}
