using System.Text.Json;
using Parley.Storage;

namespace Parley.Tests.Packaging;

/// <summary>Jobs find their queue and their function, whichever kind of queue a deployment has.</summary>
public sealed class WorkQueueDeploymentTests
{
    private static readonly JsonElement Layout = Checkout.ReadJson("infra", "layout.json");

    public static TheoryData<string> Deployments => [.. DeploymentSnapshot.Names];

    [Theory, MemberData(nameof(Deployments))]
    public void There_is_every_queue_that_the_code_names(string deployment)
    {
        var snapshot = DeploymentSnapshot.Read(deployment);

        var made = snapshot.NamesOf(snapshot.UsesServiceBus ? "Microsoft.ServiceBus/namespaces/queues" : "Microsoft.Storage/storageAccounts/queueServices/queues");

        Assert.Equal(TableNames.Queues.Order(StringComparer.Ordinal), made);
    }

    [Fact]
    public void The_layout_names_for_each_queue_the_functions_that_listen_on_it()
    {
        Assert.Equal(Listeners("queueTrigger"), NamedIn(Layout, "storageFunction"));
        Assert.Equal(Listeners("serviceBusTrigger"), NamedIn(Layout, "busFunction"));
        Assert.Equal(TableNames.Queues.Order(StringComparer.Ordinal), Listeners("queueTrigger").Select(listener => listener.Queue));
    }

    [Fact]
    public void Either_every_queue_has_a_function_for_Service_Bus_or_none_has()
    {
        var listeners = Listeners("serviceBusTrigger");

        Assert.Contains(listeners.Count, new[] { 0, TableNames.Queues.Count });
    }

    [Theory, MemberData(nameof(Deployments))]
    public void Only_the_functions_of_the_other_kind_of_queue_are_switched_off(string deployment)
    {
        var snapshot = DeploymentSnapshot.Read(deployment);
        var idle = Listeners(snapshot.UsesServiceBus ? "queueTrigger" : "serviceBusTrigger");

        var disabled = snapshot.AppSettings.Where(setting => setting.Key.EndsWith("_Disabled", StringComparison.Ordinal)).ToList();

        Assert.Equal(idle.Select(listener => $"AzureWebJobs_{listener.Function}_Disabled"), disabled.Select(setting => setting.Key));
        Assert.All(disabled, setting => Assert.Equal("true", setting.Value));
    }

    [Theory, MemberData(nameof(Deployments))]
    public void Every_connection_of_a_function_that_runs_is_configured_by_identity(string deployment)
    {
        var snapshot = DeploymentSnapshot.Read(deployment);
        var running = Functions.Bindings.Where(binding => !snapshot.AppSettings.ContainsKey($"AzureWebJobs_{binding.Function}_Disabled"));

        var connections = running.Where(binding => binding.Definition.TryGetProperty("connection", out _))
            .Select(binding => binding.Definition.GetProperty("connection").GetString()!).Append("AzureWebJobsStorage").Distinct(StringComparer.Ordinal);

        Assert.All(connections, connection =>
        {
            Assert.Equal("managedidentity", snapshot.AppSettings[$"{connection}__credential"]);
            Assert.Equal(snapshot.AppSettings["AZURE_CLIENT_ID"], snapshot.AppSettings[$"{connection}__clientId"]);
            Assert.DoesNotContain(connection, snapshot.AppSettings.Keys);
        });
    }

    [Theory, MemberData(nameof(Deployments))]
    public void The_app_and_the_trigger_speak_to_the_same_namespace(string deployment)
    {
        var snapshot = DeploymentSnapshot.Read(deployment);

        Assert.Equal(snapshot.UsesServiceBus, snapshot.AppSettings.TryGetValue("ServiceBus__Namespace", out var app));
        Assert.Equal(snapshot.UsesServiceBus, snapshot.AppSettings.TryGetValue("ServiceBusConnection__fullyQualifiedNamespace", out var trigger));
        Assert.Equal(app, trigger);
    }

    [Fact]
    public void A_queue_has_sessions_if_and_only_if_its_function_expects_them()
    {
        var queues = DeploymentSnapshot.Read("bus").ResourcesOf("Microsoft.ServiceBus/namespaces/queues")
            .ToDictionary(queue => queue.GetProperty("name").GetString()!.Split('/')[^1], queue => queue.GetProperty("properties").GetProperty("requiresSession").GetBoolean(), StringComparer.Ordinal);

        Assert.All(Functions.Bindings.Where(binding => binding.Type == "serviceBusTrigger"), binding => Assert.Equal(
            queues[binding.Definition.GetProperty("queueName").GetString()!],
            binding.Definition.TryGetProperty("isSessionsEnabled", out var sessions) && sessions.GetBoolean()));
    }

    [Fact]
    public void A_job_that_Service_Bus_gives_up_is_kept()
    {
        Assert.All(DeploymentSnapshot.Read("bus").ResourcesOf("Microsoft.ServiceBus/namespaces/queues"), queue =>
        {
            var properties = queue.GetProperty("properties");
            Assert.True(properties.GetProperty("deadLetteringOnMessageExpiration").GetBoolean());
            Assert.True(properties.GetProperty("maxDeliveryCount").GetInt32() > 5, "The app gives a job up after five attempts, and notes it; the service must not do so before.");
        });
    }

    private static List<(string Queue, string Function)> Listeners(string trigger) =>
    [
        .. Functions.Bindings.Where(binding => binding.Type == trigger)
            .Select(binding => (Queue: binding.Definition.GetProperty("queueName").GetString()!, binding.Function))
            .OrderBy(listener => listener.Queue, StringComparer.Ordinal),
    ];

    private static IEnumerable<(string Queue, string Function)> NamedIn(JsonElement layout, string property) =>
        layout.GetProperty("queues").EnumerateArray()
            .Select(queue => (Queue: queue.GetProperty("name").GetString()!, Function: queue.GetProperty(property).GetString()!))
            .Where(queue => queue.Function.Length > 0).OrderBy(queue => queue.Queue, StringComparer.Ordinal);
}
