using System.Text.Json.Serialization.Metadata;
using Parley.Apps;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Callbacks;

/// <summary>Begins callbacks after events; <see cref="AfterCallback.Append{T}"/> is the other half.</summary>
public sealed class AfterCallbacks(CallbackWakeups wakeups, TableStore tables, TimeProvider time)
{
    /// <summary>A callback for an event that is about to be made; null when the app has it switched off, and then nothing is written.</summary>
    public AfterCallback? Begin(App app, CallbackCommand command, CallOrigin origin) =>
        command.IsOn(app) ? new AfterCallback(wakeups, command, app.SdkAppId, origin, time.GetUtcNow()) : null;

    /// <summary>Appends a callback in a transaction of its own, for an event that changes no partition.</summary>
    /// <param name="stream">The nearest partition: in it the callback is in one order with the others.</param>
    /// <param name="callback">Nothing is done for null.</param>
    public Task AppendAsync<T>(CallbackStream stream, AfterCallback? callback, T fields, JsonTypeInfo<T> json, string? unreadOf = null) => callback is null
        ? Task.CompletedTask
        : tables.WriterOf(stream.Table).ApplyAsync(stream.PartitionKey, view => Append(view, callback, fields, json, unreadOf), CancellationToken.None);

    private static bool Append<T>(PartitionView view, AfterCallback callback, T fields, JsonTypeInfo<T> json, string? unreadOf)
    {
        callback.Append(view, fields, json, unreadOf);
        return true;
    }
}
