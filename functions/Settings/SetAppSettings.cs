using System.Text.Json;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Settings;

/// <summary>
/// Changes those settings of an app that are given, and leaves the others; answers as <see cref="GetAppSettings"/>.
/// <code>
/// POST /v4/openconfigsvr/set_app_settings
/// { "RoamingDays": 30, "Secrets": ["the new secret, long enough", "the one before"] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "SdkAppId": 1400000001, "RoamingDays": 30, "SecretCount": 2, … }
/// </code>
/// </summary>
/// <remarks>
/// Takes effect on this instance at once, on others within 30 s. Concurrent changes are made one after the other, none is lost.
/// Errors: 130001 bad JSON; 70402 an unknown setting, a bad value, or a change after which the caller would not be an administrator with a
/// valid UserSig any more, so that nobody locks himself out by mistake. An error changes nothing.
/// A command of our own. To change a secret: set the new one and the old one, sign with the new one, set the new one alone.
/// </remarks>
public sealed partial class SetAppSettings(AppDirectory apps, TimeProvider time, ILogger<SetAppSettings> logger)
    : ICommand<SetAppSettingsRequest, AppSettingsResponse>
{
    public async Task<Result<AppSettingsResponse>> HandleAsync(Caller caller, SetAppSettingsRequest request, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        ApiError? refused = null;
        var stored = await apps.ChangeAsync(caller.App.SdkAppId, before =>
        {
            var after = request.Changes.Aggregate(before, (app, change) => change(app));
            refused = Check(caller, after, now);
            return refused is null ? after : null;
        }, cancellation);
        if (stored is null)
        {
            return refused ?? ApiError.UnknownApp;
        }

        Changed(logger, caller.App.SdkAppId, request.Names);
        return AppSettings.Show(stored);
    }

    private static ApiError? Check(Caller caller, App after, DateTimeOffset now) =>
        !after.IsAdmin(caller.Account) || caller.Sig is not { } sig || sig.Verify(caller.Account, after, now) is not null
            ? ApiError.SettingLocksOut
            : JsonSerializer.Serialize(after, ParleyJson.Wire.App).Length > AppTable.MaxSettingsCharacters ? ApiError.SettingsTooLarge
            : null;

    [LoggerMessage(EventId = 7001, Level = LogLevel.Information, Message = "Settings of app {SdkAppId} were changed: {Names}")]
    private static partial void Changed(ILogger logger, uint sdkAppId, IReadOnlyList<string> names);
}

public sealed record SetAppSettingsRequest(IReadOnlyList<string> Names, IReadOnlyList<Func<App, App>> Changes) : IRequest<SetAppSettingsRequest>
{
    public static SetAppSettingsRequest Read(FieldReader fields)
    {
        var names = fields.Names.Distinct().ToList();
        return new SetAppSettingsRequest(names, [.. names.Select(name => ReadOne(fields, name))]);
    }

    private static Func<App, App> ReadOne(FieldReader fields, string name)
    {
        if (AppSettings.Find(name) is { } setting)
        {
            return setting.Read(fields);
        }

        fields.Fail(ApiError.SettingUnknown.In(name));
        return app => app;
    }
}
