using Parley.Delivery;

namespace Parley.Local.Commands;

/// <summary>The app's services beside a deployment, for commands that work on its storage and queues: composed as the app composes them, and nothing is started.</summary>
/// <remarks>The deployment is the one that the app's settings name (environment variables), or else the running local environment.</remarks>
internal static class DeploymentServices
{
    /// <exception cref="StartFailedException">No storage is named and no environment is running.</exception>
    public static ServiceProvider Compose(DataFolder folder, TimeProvider time)
    {
        var configuration = ReadSettings(folder);
        if (configuration["Storage:TableEndpoint"] is null && configuration["Storage:ConnectionString"] is null)
        {
            throw new StartFailedException($"No environment is running with the data folder {folder.Path}. Start one, or name a deployment's storage (Storage__TableEndpoint, Storage__QueueEndpoint).");
        }

        if (configuration["WorkQueue:Kind"] is null && (configuration["ServiceBus:Namespace"] ?? configuration["ServiceBus:ConnectionString"]) is not null)
        {
            configuration["WorkQueue:Kind"] = nameof(WorkQueueKind.ServiceBus);
        }

        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration).AddSingleton(time).AddLogging();
        return services.AddParley().BuildServiceProvider();
    }

    public static IConfigurationRoot ReadSettings(DataFolder folder)
    {
        var isElsewhere = Environment.GetEnvironmentVariables().Keys.Cast<string>().Any(name => name.StartsWith("Storage__", StringComparison.OrdinalIgnoreCase));
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (!isElsewhere && LocalSettings.TryRead(folder.Settings) is { } local)
        {
            settings["Storage:ConnectionString"] = local.Storage;
            foreach (var (i, shard) in (local.Shards ?? []).Index())
            {
                settings[$"Storage:Shards:{i}:ConnectionString"] = shard;
            }
        }

        return new ConfigurationBuilder().AddInMemoryCollection(settings).AddEnvironmentVariables().Build();
    }
}
