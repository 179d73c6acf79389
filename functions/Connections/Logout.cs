using Parley.Rest;
using Parley.Storage;

namespace Parley.Connections;

/// <summary>
/// An account logs out, on one platform or everywhere: its connections there are closed, and it counts as Offline there, not as reachable by push.
/// <code>
/// POST /v4/im_open_login_svc/logout
/// { "Platform": "iPhone" }                                              or {} for every platform
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// The caller is logged out, nobody else. Its UserSig stays good. Closed connections hear the event Kicked with the reason Logout.
/// Errors: 70402 unknown platform, 70500 storage or the SignalR service failed: repeat the call.
/// Source: ours; in the reference logging out is part of the SDKs' own protocol.
/// </remarks>
public sealed class Logout(ConnectionTable connections, ConnectionEnding ending) : ICommand<LogoutRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, LogoutRequest request, CancellationToken cancellation)
    {
        var account = new AccountKey(caller.App.SdkAppId, caller.Account);
        if (request.Platform is not { } platform)
        {
            await ending.EndAllAsync(account, EndReason.Logout, cancellation);
            return Envelope.Ok;
        }

        var rows = await connections.ListAsync(account, cancellation);
        await ending.EndAsync(account, [.. rows.Where(row => row.Platform == platform)], EndReason.Logout, null, cancellation);
        await connections.RemovePushAsync(account, [platform], cancellation);
        return Envelope.Ok;
    }
}

public sealed record LogoutRequest(Platform? Platform) : IRequest<LogoutRequest>
{
    public static LogoutRequest Read(FieldReader fields)
    {
        var name = fields.OptionalText("Platform", ApiError.AccountParameter);
        var platform = Connections.Platform.TryParse(name);
        if (name is not null && platform is null)
        {
            fields.Fail(ApiError.AccountParameter.In("Platform"));
        }

        return new LogoutRequest(platform);
    }
}
