using Parley.Accounts;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>A stored message as requests name it: <c>{ "From_Account": "mia.k", "To_Account": "jonas", "MsgKey": "501_77120934_1700000321" }</c>.</summary>
public sealed record MessageReference(string From, string To, MessageKey Key) : IRequest<MessageReference>
{
    public static MessageReference Read(FieldReader fields) => new(
        fields.Account("From_Account", ApiError.FromAccountInvalid),
        fields.Account("To_Account", ApiError.ReceiverInvalid),
        MessageKey.Read(fields));

    /// <summary>The copies of sender and receiver.</summary>
    public (AccountKey From, AccountKey To) Sides(uint sdkAppId) => (new(sdkAppId, From), new(sdkAppId, To));

    /// <summary>Whether both accounts exist and the caller may act for the sender; the error if not.</summary>
    /// <param name="unknownReceiver">The code differs among commands.</param>
    public async ValueTask<ApiError?> CheckAsync(Caller caller, AccountDirectory accounts, ApiError unknownReceiver, CancellationToken cancellation)
    {
        if (caller.RefuseAs(From, "From_Account") is { } forbidden)
        {
            return forbidden;
        }

        var (from, to) = Sides(caller.App.SdkAppId);
        return !await accounts.ExistsAsync(from, cancellation) ? ApiError.FromAccountInvalid.In("From_Account")
            : !await accounts.ExistsAsync(to, cancellation) ? unknownReceiver.In("To_Account")
            : null;
    }
}
