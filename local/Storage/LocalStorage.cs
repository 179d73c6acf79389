namespace Parley.Local.Storage;

/// <summary>Brings up the storage of a local environment: Azurite installed, started, and filled with tables and queues.</summary>
internal sealed class LocalStorage(string dataFolder, int shards, RunReport report)
{
    private const int PortAttempts = 3;
    private readonly AzuriteInstallation _installation = new(Repository.AzuriteFolder);

    /// <summary>Names of the storage accounts beside the primary one.</summary>
    public static IReadOnlyList<string> FurtherAccounts(int count) => [.. Enumerable.Range(1, count).Select(number => FormattableString.Invariant($"parleyshard{number}"))];

    public async Task<AzuriteProcess> StartAsync(CancellationToken cancellation)
    {
        var node = await NodeRuntime.FindAsync(cancellation);
        if (!_installation.IsComplete)
        {
            await report.StepAsync("Installing Azurite (once, about half a minute)", () => InstallAsync(cancellation), _ => "Azurite is installed");
        }

        var azurite = await report.StepAsync(
            "Starting Azurite", () => StartAzuriteAsync(cancellation), started => $"Storage on {started.Endpoints.Table.Authority} (tables; Azurite on Node.js {node})");
        report.SayIfReplaced("blob storage", AzuriteOptions.DefaultBlobPort, azurite.Endpoints.Blob);
        report.SayIfReplaced("queue storage", AzuriteOptions.DefaultQueuePort, azurite.Endpoints.Queue);
        report.SayIfReplaced("table storage", AzuriteOptions.DefaultTablePort, azurite.Endpoints.Table);
        return azurite;
    }

    private async Task<bool> InstallAsync(CancellationToken cancellation)
    {
        await _installation.EnsureAsync(cancellation);
        return true;
    }

    /// <summary>Another program may take a port between the choice and Azurite's use of it; then others are chosen.</summary>
    private async Task<AzuriteProcess> StartAzuriteAsync(CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var options = new AzuriteOptions
            {
                Location = dataFolder,
                FurtherAccounts = FurtherAccounts(shards),
                BlobPort = LoopbackPort.FreeOr(AzuriteOptions.DefaultBlobPort),
                QueuePort = LoopbackPort.FreeOr(AzuriteOptions.DefaultQueuePort),
                TablePort = LoopbackPort.FreeOr(AzuriteOptions.DefaultTablePort),
            };
            try
            {
                return await AzuriteProcess.StartAsync(_installation, options, cancellation);
            }
            catch (StartFailedException e) when (attempt < PortAttempts && e.Message.Contains("EADDRINUSE", StringComparison.Ordinal))
            {
                // Choose again.
            }
        }
    }
}
