using Parley.Rest;
using Parley.Storage;

namespace Parley.Accounts;

/// <summary>
/// Takes from an account the right to speak, in one-to-one conversations, in groups or in both, for some time.
/// <code>
/// POST /v4/openconfigsvr/setnospeaking
/// { "Set_Account": "jonas", "C2CmsgNospeakingTime": 0, "GroupmsgNospeakingTime": 7200 }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Units: seconds from now; 0 ends the mute, 4294967295 is for ever. A time that is not given leaves that mute as it is.
/// It concerns what the account sends itself; what administrators send in its name is not stopped.
/// Errors: 130001 JSON, 130004 no account, 130005 invalid or unknown account, 130006 130007 a time that is none, 130008 no time, 130014 storage failed.
/// Source: API reference, openim §13.1.
/// </remarks>
public sealed class SetMute(AccountDirectory accounts, TimeProvider time) : ICommand<SetMuteRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, SetMuteRequest request, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var state = await accounts.ChangeAsync(
            new AccountKey(caller.App.SdkAppId, request.Account),
            row =>
            {
                row[nameof(AccountState.C2CMutedUntil)] = request.C2CSeconds is { } c2c
                    ? Mute.Until(c2c, now)
                    : row.GetInt64(nameof(AccountState.C2CMutedUntil)) ?? 0;
                row[nameof(AccountState.GroupMutedUntil)] = request.GroupSeconds is { } group
                    ? Mute.Until(group, now)
                    : row.GetInt64(nameof(AccountState.GroupMutedUntil)) ?? 0;
            },
            cancellation);
        return state is null ? ApiError.SetAccountInvalid : Envelope.Ok;
    }
}

public sealed record SetMuteRequest(string Account, uint? C2CSeconds, uint? GroupSeconds) : IRequest<SetMuteRequest>
{
    public static SetMuteRequest Read(FieldReader fields)
    {
        if (!fields.Has("Set_Account"))
        {
            fields.Fail(ApiError.SetAccountMissing);
        }

        var request = new SetMuteRequest(
            fields.Account("Set_Account", ApiError.SetAccountInvalid),
            fields.OptionalUnsigned("C2CmsgNospeakingTime", ApiError.C2CMuteInvalid),
            fields.OptionalUnsigned("GroupmsgNospeakingTime", ApiError.GroupMuteInvalid));
        if (request.C2CSeconds is null && request.GroupSeconds is null)
        {
            fields.Fail(ApiError.MuteMissing);
        }

        return request;
    }
}
