using Parley.Delivery;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>Tells an account's devices what happened to a conversation of it.</summary>
public sealed class EventDelivery(Outbox outbox)
{
    /// <param name="change">Null when nothing happened.</param>
    public ValueTask SendAsync(AccountKey owner, C2CEvent? change) => change is null ? ValueTask.CompletedTask : outbox.SendAsync(owner, change.ToJson());
}
