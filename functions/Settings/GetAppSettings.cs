using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Settings;

/// <summary>
/// Shows an app's settings; of secrets only how many there are.
/// <code>
/// POST /v4/openconfigsvr/get_app_settings
/// {}
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "SdkAppId": 1400000001, "Name": "First app",
///     "Admins": ["administrator"], "SecretCount": 1, "RoamingDays": 7, … }
/// </code>
/// </summary>
/// <remarks>
/// A command of our own. The settings are those that are stored, not those that this instance remembers. Their meaning is in docs/operations.md.
/// </remarks>
public sealed class GetAppSettings(AppTable apps) : ICommand<GetAppSettingsRequest, AppSettingsResponse>
{
    public async Task<Result<AppSettingsResponse>> HandleAsync(Caller caller, GetAppSettingsRequest request, CancellationToken cancellation) =>
        await apps.FindAsync(caller.App.SdkAppId, cancellation) is { } app ? AppSettings.Show(app) : ApiError.UnknownApp;
}

public sealed record GetAppSettingsRequest : IRequest<GetAppSettingsRequest>
{
    public static GetAppSettingsRequest Read(FieldReader fields) => new();
}

public sealed record AppSettingsResponse : Envelope
{
    public required uint SdkAppId { get; init; }

    /// <summary>Each setting under its own name, beside the others.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement> Settings { get; } = new Dictionary<string, JsonElement>();
}
