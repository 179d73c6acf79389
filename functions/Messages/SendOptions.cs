using Parley.Callbacks;
using Parley.Rest;

namespace Parley.Messages;

/// <summary>The fields that all sending commands share.</summary>
/// <remarks>Source: API reference, messages §2–6. Unknown values of SendMsgControl are ignored (our choice). </remarks>
public sealed record SendOptions(
    uint? MsgSeq, uint MsgRandom, bool IsOnlineOnly, TimeSpan? LifeTime, SenderCopy SenderCopy, IReadOnlyList<string> SendMsgControl, MessageContent Content)
{
    /// <summary>The callbacks that the message does without.</summary>
    public ForbiddenCallbacks Forbidden { get; init; }

    private const long MaxLifeTimeSeconds = 604_800;

    public static SendOptions Read(FieldReader fields)
    {
        var copy = fields.OptionalInteger("SyncOtherMachine", ApiError.SyncOtherMachineInvalid) switch
        {
            null => SenderCopy.Stored,
            1 => SenderCopy.StoredAndPushed,
            2 => SenderCopy.None,
            _ => Wrong(fields),
        };
        var lifeTime = fields.OptionalInteger("MsgLifeTime", ApiError.LifeTimeInvalid);
        if (lifeTime < 0)
        {
            fields.Fail(ApiError.LifeTimeRange);
        }

        fields.OptionalInteger("MsgTimeStamp", ApiError.MsgTimeStampInvalid);
        var forbidden = ForbiddenCallbacks.Read(fields, ApiError.MessageContent);
        var onlineOnly = fields.Flag("OnlineOnlyFlag", ApiError.MessageContent) || lifeTime == 0;
        return new SendOptions(
            fields.OptionalUnsigned("MsgSeq", ApiError.MsgSeqInvalid),
            fields.Unsigned("MsgRandom", ApiError.MsgRandomInvalid),
            onlineOnly,
            lifeTime is > 0 and < MaxLifeTimeSeconds ? TimeSpan.FromSeconds(lifeTime.Value) : null,
            copy,
            fields.OptionalTexts("SendMsgControl", ApiError.MessageContent),
            MessageContent.Read(fields))
        {
            Forbidden = forbidden,
        };
    }

    /// <param name="msgTime">Unix seconds; null for the time of sending.</param>
    public OutgoingMessage ToMessage(Caller caller, string from, string to, long? msgTime = null) => new(
        from, to, MsgSeq, MsgRandom, msgTime, Content, IsOnlineOnly, SenderCopy,
        CountsAsUnread: !SendMsgControl.Contains("NoUnread"), IsShownLast: !SendMsgControl.Contains("NoLastMsg"))
    {
        LifeTime = LifeTime,
        IsChecked = !caller.IsAdmin || caller.App.ChecksAdminSends,
    };

    private static SenderCopy Wrong(FieldReader fields)
    {
        fields.Fail(ApiError.SyncOtherMachineInvalid.In("SyncOtherMachine"));
        return SenderCopy.Stored;
    }
}
