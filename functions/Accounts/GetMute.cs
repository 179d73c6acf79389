using System.Text.Json.Serialization;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Accounts;

/// <summary>
/// Says for how long an account may still not speak.
/// <code>
/// POST /v4/openconfigsvr/getnospeaking
/// { "Get_Account": "jonas" }
/// → { …, "C2CmsgNospeakingTime": 0, "GroupmsgNospeakingTime": 7188 }
/// </code>
/// </summary>
/// <remarks>
/// Units: the seconds that are left; 0 not muted, 4294967295 for ever.
/// Errors: 130001 JSON, 130002 no account, 130003 invalid or unknown account, 130014 storage failed.
/// Source: API reference, openim §13.2.
/// </remarks>
public sealed class GetMute(AccountDirectory accounts, TimeProvider time) : ICommand<GetMuteRequest, GetMuteResponse>
{
    public async Task<Result<GetMuteResponse>> HandleAsync(Caller caller, GetMuteRequest request, CancellationToken cancellation)
    {
        var state = await accounts.ReadAsync(new AccountKey(caller.App.SdkAppId, request.Account), cancellation);
        if (!state.Exists)
        {
            return ApiError.GetAccountInvalid;
        }

        var now = time.GetUtcNow();
        return new GetMuteResponse { C2CSeconds = Mute.Remaining(state.C2CMutedUntil, now), GroupSeconds = Mute.Remaining(state.GroupMutedUntil, now) };
    }
}

public sealed record GetMuteRequest(string Account) : IRequest<GetMuteRequest>
{
    public static GetMuteRequest Read(FieldReader fields)
    {
        if (!fields.Has("Get_Account"))
        {
            fields.Fail(ApiError.GetAccountMissing);
        }

        return new GetMuteRequest(fields.Account("Get_Account", ApiError.GetAccountInvalid));
    }
}

public sealed record GetMuteResponse : Envelope
{
    [JsonPropertyName("C2CmsgNospeakingTime")]
    public required uint C2CSeconds { get; init; }

    [JsonPropertyName("GroupmsgNospeakingTime")]
    public required uint GroupSeconds { get; init; }
}
