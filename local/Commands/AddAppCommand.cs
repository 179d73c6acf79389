using System.Security.Cryptography;
using System.Text.Json;
using Parley.Apps;
using Parley.Rest;
using Parley.Settings;

namespace Parley.Local.Commands;

/// <summary>Adds an app, that is a tenant, to a deployment or to the running environment. What it starts with is checked as set_app_settings checks it.</summary>
/// <remarks>Prints the app's secret and nothing else to standard output; nothing where the secret was brought along. Exit code: 0, or 1 when there is such an app or it cannot be added.</remarks>
internal sealed class AddAppCommand(CommandLine line, DataFolder folder, TimeProvider time)
{
    /// <summary>Holds a secret of one's own: a command line would show it to others.</summary>
    public const string SecretVariable = "PARLEY_APP_SECRET";

    public async Task<int> RunAsync(CancellationToken stop)
    {
        var brought = Environment.GetEnvironmentVariable(SecretVariable);
        var secret = string.IsNullOrEmpty(brought) ? RandomNumberGenerator.GetHexString(64, lowercase: true) : brought;
        var app = Create(secret);
        try
        {
            await using var services = DeploymentServices.Compose(folder, time);
            if (!await services.GetRequiredService<AppTable>().TryAddAsync(app, stop))
            {
                throw new StartFailedException($"There is an app {app.SdkAppId} already; nothing was changed.");
            }
        }
        catch (Exception e) when (DeploymentServices.IsUnreachable(e))
        {
            throw new StartFailedException(e.Message, e);
        }

        await Console.Error.WriteLineAsync($"App {app.SdkAppId} was added. Administrators: {string.Join(", ", app.Admins)}");
        if (string.IsNullOrEmpty(brought))
        {
            await Console.Out.WriteLineAsync(secret);
        }

        return 0;
    }

    private App Create(string secret)
    {
        var wanted = JsonSerializer.SerializeToElement(new Dictionary<string, object> { ["Name"] = line.Name, ["Admins"] = line.Admins, ["Secrets"] = (string[])[secret] });
        var fields = new FieldReader(wanted);
        var request = SetAppSettingsRequest.Read(fields);
        return fields.Error is null
            ? request.Changes.Aggregate(new App { SdkAppId = line.SdkAppId!.Value, Secrets = [], Admins = [] }, (app, change) => change(app))
            : throw new UsageException(fields.Error.Info);
    }
}
