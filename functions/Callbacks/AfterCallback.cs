using System.Text.Json.Serialization.Metadata;
using Azure.Data.Tables;
using Parley.Rest;
using Parley.Storage;
using Parley.Telemetry;

namespace Parley.Callbacks;

/// <summary>
/// A callback that is to be sent after an event, which the change that makes the event appends to its own partition: event and callback are committed together or
/// not at all, and callbacks of one partition are in the order of their events.
/// </summary>
/// <remarks>One event has one; the change may run several times. Not for a change that finds its event done before.</remarks>
public sealed class AfterCallback(CallbackWakeups wakeups, CallbackCommand command, uint sdkAppId, CallOrigin origin, DateTimeOffset at)
{
    /// <summary>So many of the latest appendings are known by name, so that a change which runs again after a lost answer sees that it was committed.</summary>
    private const int MostRecent = 4;

    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly string? _trace = ParleyTracing.TraceParent;

    /// <summary>When the event happened, as the callback tells it.</summary>
    public DateTimeOffset At => at;

    /// <summary>Appends the callback inside any change of the partition; the rest follows by itself once that is committed.</summary>
    /// <param name="fields">The documented fields without CallbackCommand.</param>
    /// <param name="unreadOf">An account: then the body gets UnreadMsgNum when it is sent, that account's unread one-to-one messages at about that time.</param>
    /// <param name="from">From where, if only the partition knows; else what was said at the beginning.</param>
    public void Append<T>(PartitionView view, T fields, JsonTypeInfo<T> json, string? unreadOf = null, CallOrigin? from = null) =>
        Append(view, new StoredCallback(sdkAppId, _id, command.Name, at, from ?? origin, CallbackBody.Create(command, fields, json), unreadOf) { Trace = _trace }, _id, wakeups);

    /// <param name="name">Names the appending: a callback that was given up is appended again, under its old id.</param>
    internal static void Append(PartitionView view, StoredCallback callback, string name, CallbackWakeups wakeups)
    {
        var stream = new CallbackStream(view.Table, view.PartitionKey);
        view.AfterCommit(() => wakeups.Wake(stream, ParleyTracing.Parse(callback.Trace)));
        var counter = view.Get(CallbackStream.CounterRow);
        string[] recent = counter?.GetString("Recent")?.Split(' ') ?? [];
        if (recent.Contains(name))
        {
            return;
        }

        var number = (counter?.GetInt64("LastSeq") ?? 0) + 1;
        view.Put(new TableEntity
        {
            RowKey = CallbackStream.CounterRow,
            ["LastSeq"] = number,
            ["Recent"] = string.Join(' ', recent.TakeLast(MostRecent - 1).Append(name)),
        });
        view.Insert(callback.ToRow(CallbackStream.RowKey(number)));
    }
}
