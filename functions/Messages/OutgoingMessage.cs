using Parley.Callbacks;

namespace Parley.Messages;

/// <summary>What the sender of a message gets of it.</summary>
/// <remarks>Source: API reference, messages §5 (SyncOtherMachine).</remarks>
public enum SenderCopy
{
    /// <summary>Kept in the sender's history, not pushed to its devices: the field is absent.</summary>
    Stored,

    /// <summary>Kept and pushed: 1.</summary>
    StoredAndPushed,

    /// <summary>Neither: 2.</summary>
    None,
}

/// <summary>A one-to-one message as a command hands it over for sending.</summary>
/// <param name="MsgSeq">Null when the sender gave none; then nothing tells a retry from a new message.</param>
/// <param name="MsgTime">Unix seconds; given when several messages share one key, else null: the time of sending.</param>
/// <param name="IsOnlineOnly">Delivered to those who are connected, stored nowhere.</param>
public sealed record OutgoingMessage(
    string From, string To, uint? MsgSeq, uint MsgRandom, long? MsgTime, MessageContent Content,
    bool IsOnlineOnly, SenderCopy SenderCopy, bool CountsAsUnread, bool IsShownLast)
{
    /// <summary>Its key, for one whose MsgSeq and MsgTime are known.</summary>
    public MessageKey Key => new(MsgSeq!.Value, MsgRandom, MsgTime!.Value);

    /// <summary>How long one who was away can still get it; null for as long as the app keeps messages.</summary>
    public TimeSpan? LifeTime { get; init; }

    /// <summary>Whether the receiver may object to the sender; not where an administrator sends, unless the app wants it.</summary>
    public bool IsChecked { get; init; }

    /// <summary>Told to the app when the message is sent; null when it is not.</summary>
    public AfterCallback? Callback { get; init; }
}
