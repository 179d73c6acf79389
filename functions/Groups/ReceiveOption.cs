namespace Parley.Groups;

/// <summary>What a member receives of a group's messages; MsgFlag on the wire.</summary>
public enum ReceiveOption
{
    AcceptAndNotify,

    /// <summary>Online, but no push.</summary>
    AcceptNotNotify,

    /// <summary>Nothing.</summary>
    Discard,
}
