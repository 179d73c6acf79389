using Azure.Core;
using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;

namespace Parley.Telemetry;

/// <summary>Where Application Insights is, and as whom telemetry is sent there: the settings of the Functions host.</summary>
/// <remarks>
/// <c>APPLICATIONINSIGHTS_AUTHENTICATION_STRING</c> is <c>Authorization=AAD</c> for the app's own identity, or <c>ClientId={id};Authorization=AAD</c> for one that was
/// assigned to it; empty where the resource takes telemetry without identity.
/// </remarks>
internal static class AzureMonitorAccess
{
    public const string ConnectionSetting = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    public const string AuthenticationSetting = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";

    /// <summary>Options of the exporters; null when no resource is named.</summary>
    /// <exception cref="InvalidOperationException">The authentication string is not understood.</exception>
    public static AzureMonitorExporterOptions? Read(IConfiguration configuration) =>
        configuration[ConnectionSetting] is not { Length: > 0 } connection ? null : new AzureMonitorExporterOptions
        {
            ConnectionString = connection,
            Credential = Credential(configuration[AuthenticationSetting]),
            // An instance's disk goes with it.
            DisableOfflineStorage = true,
            EnableLiveMetrics = false,
        };

    internal static TokenCredential? Credential(string? authentication)
    {
        if (string.IsNullOrWhiteSpace(authentication))
        {
            return null;
        }

        var parts = authentication.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => part.Split('=', 2))
            .ToDictionary(part => part[0].Trim(), part => part.Length == 2 ? part[1].Trim() : "", StringComparer.OrdinalIgnoreCase);
        return !"AAD".Equals(parts.GetValueOrDefault("Authorization"), StringComparison.OrdinalIgnoreCase)
            ? throw new InvalidOperationException($"{AuthenticationSetting} must be 'Authorization=AAD', with 'ClientId=…;' before it for an assigned identity.")
            : new ManagedIdentityCredential(parts.GetValueOrDefault("ClientId") is { Length: > 0 } client
                ? ManagedIdentityId.FromUserAssignedClientId(client)
                : ManagedIdentityId.SystemAssigned);
    }
}
