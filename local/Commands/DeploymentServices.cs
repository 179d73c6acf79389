using Azure;
using Azure.Identity;
using Parley.Delivery;

namespace Parley.Local.Commands;

/// <summary>The app's services beside a deployment, for commands that work on its storage and queues: composed as the app composes them, and nothing is started.</summary>
/// <remarks>
/// The deployment is the one that the app's settings name (environment variables), or else the running local environment. The primary storage account may also be named by the command line; further ones are those of
/// the settings. Blobs and queues are taken to be beside the tables unless the settings say where they are. Nothing is delivered from here.
/// </remarks>
internal static class DeploymentServices
{
    /// <param name="storage">A connection string, or the address of a table service; null for the storage that the settings name.</param>
    /// <exception cref="StartFailedException">No storage is named and no environment is running.</exception>
    public static ServiceProvider Compose(DataFolder folder, TimeProvider time, string? storage = null)
    {
        var configuration = ReadSettings(folder, storage);
        if (string.IsNullOrEmpty(configuration["Storage:TableEndpoint"]) && string.IsNullOrEmpty(configuration["Storage:ConnectionString"]))
        {
            throw new StartFailedException(
                $"No environment is running with the data folder {folder.Path}. Start one, or name a deployment's storage (Storage__TableEndpoint; for export and restore also --storage).");
        }

        if (configuration["WorkQueue:Kind"] is null && (configuration["ServiceBus:Namespace"] ?? configuration["ServiceBus:ConnectionString"]) is not null)
        {
            configuration["WorkQueue:Kind"] = nameof(WorkQueueKind.ServiceBus);
        }

        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration).AddSingleton(time).AddLogging();
        return services.AddParley().BuildServiceProvider();
    }

    /// <summary>Whether storage or a login has failed, or is not set up; the message says how.</summary>
    public static bool IsUnreachable(Exception exception) =>
        exception is RequestFailedException or AuthenticationFailedException or AggregateException or InvalidOperationException;

    private static IConfigurationRoot ReadSettings(DataFolder folder, string? storage)
    {
        var isElsewhere = Environment.GetEnvironmentVariables().Keys.Cast<string>().Any(name => name.StartsWith("Storage__", StringComparison.OrdinalIgnoreCase));
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (!isElsewhere && LocalSettings.TryRead(folder.Settings) is { } local && (storage is null || storage == local.Storage))
        {
            settings["Storage:ConnectionString"] = local.Storage;
            foreach (var (i, shard) in (local.Shards ?? []).Index())
            {
                settings[$"Storage:Shards:{i}:ConnectionString"] = shard;
            }
        }

        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).AddEnvironmentVariables().Build();
        if (storage is not null)
        {
            NamePrimary(configuration, storage);
        }

        if (configuration["Storage:TableEndpoint"] is { Length: > 0 } tables)
        {
            NameBeside(configuration, tables, "Blob");
            NameBeside(configuration, tables, "Queue");
        }

        configuration["SignalR:ConnectionString"] = "Endpoint=https://127.0.0.1;AccessKey=none;Version=1.0;";
        configuration["SignalR:UpstreamSecret"] = Guid.NewGuid().ToString("N");
        return configuration;
    }

    private static void NamePrimary(IConfigurationRoot configuration, string storage)
    {
        var isAddress = Uri.TryCreate(storage, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps;
        configuration["Storage:ConnectionString"] = isAddress ? "" : storage;
        configuration["Storage:TableEndpoint"] = isAddress ? storage : null;
        configuration["Storage:BlobEndpoint"] = null;
        configuration["Storage:QueueEndpoint"] = null;
    }

    private static void NameBeside(IConfigurationRoot configuration, string tables, string service)
    {
        if (string.IsNullOrEmpty(configuration[$"Storage:{service}Endpoint"]))
        {
            configuration[$"Storage:{service}Endpoint"] = tables.Replace(".table.", $".{service.ToLowerInvariant()}.", StringComparison.Ordinal);
        }
    }
}
