using Parley.Apps;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>A reason why an account may not send a one-to-one message itself. Administrators are not asked for one.</summary>
/// <remarks>Register implementations as services of this type; <see cref="SendChecks"/> asks them in that order.</remarks>
public interface ISendCheck
{
    /// <summary>Null when nothing speaks against it.</summary>
    ValueTask<ApiError?> CheckAsync(App app, AccountKey from, AccountKey to, CancellationToken cancellation);
}

/// <summary>All checks; the first that objects is the answer.</summary>
public sealed class SendChecks(IEnumerable<ISendCheck> checks)
{
    private readonly ISendCheck[] _checks = [.. checks];

    public async ValueTask<ApiError?> CheckAsync(App app, AccountKey from, AccountKey to, CancellationToken cancellation)
    {
        foreach (var check in _checks)
        {
            if (await check.CheckAsync(app, from, to, cancellation) is { } objection)
            {
                return objection;
            }
        }

        return null;
    }
}
