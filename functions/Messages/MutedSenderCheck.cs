using Parley.Accounts;
using Parley.Apps;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>An account that is muted for one-to-one messages may not send them: 20012.</summary>
public sealed class MutedSenderCheck(AccountDirectory accounts, TimeProvider time) : ISendCheck
{
    public async ValueTask<ApiError?> CheckAsync(App app, AccountKey from, AccountKey to, CancellationToken cancellation)
    {
        var state = await accounts.StateAsync(from, cancellation);
        return Mute.Remaining(state.C2CMutedUntil, time.GetUtcNow()) > 0 ? ApiError.SenderMuted : null;
    }
}
