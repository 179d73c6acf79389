using Parley.Delivery;

namespace Parley.Local.Commands;

/// <summary>The app's services beside a deployment, for commands that work on its storage and queues: composed as the app composes them, and nothing is started.</summary>
internal static class DeploymentServices
{
    /// <summary>For the deployment that the app's settings name (environment variables), or else the running local environment.</summary>
    /// <exception cref="StartFailedException">There is neither.</exception>
    public static ServiceProvider Compose(DataFolder folder, TimeProvider time)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(OfLocalEnvironment(folder)).AddEnvironmentVariables().Build();
        if (configuration["WorkQueue:Kind"] is null && (configuration["ServiceBus:Namespace"] ?? configuration["ServiceBus:ConnectionString"]) is not null)
        {
            configuration["WorkQueue:Kind"] = nameof(WorkQueueKind.ServiceBus);
        }

        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration).AddSingleton(time).AddLogging();
        return services.AddParley().BuildServiceProvider();
    }

    private static Dictionary<string, string?> OfLocalEnvironment(DataFolder folder)
    {
        var isElsewhere = Environment.GetEnvironmentVariables().Keys.Cast<string>().Any(name => name.StartsWith("Storage__", StringComparison.OrdinalIgnoreCase));
        if (isElsewhere)
        {
            return [];
        }

        var local = LocalSettings.TryRead(folder.Settings)
            ?? throw new StartFailedException($"No environment is running with the data folder {folder.Path}. Start one, or name a deployment's storage (Storage__TableEndpoint, Storage__QueueEndpoint).");
        return new Dictionary<string, string?>(StringComparer.Ordinal) { ["Storage:ConnectionString"] = local.Storage };
    }
}
