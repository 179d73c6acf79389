using System.Text.RegularExpressions;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Packaging;

/// <summary>Jobs find their queue and their function, whichever kind of queue a deployment has.</summary>
public sealed partial class WorkQueueDeploymentTests
{
    public static TheoryData<string> Deployments => [.. DeploymentSnapshot.Names];

    [Theory, MemberData(nameof(Deployments))]
    public void There_is_every_queue_that_the_code_names(string deployment)
    {
        var snapshot = DeploymentSnapshot.Read(deployment);

        var made = snapshot.NamesOf(snapshot.UsesServiceBus ? "Microsoft.ServiceBus/namespaces/queues" : "Microsoft.Storage/storageAccounts/queueServices/queues");

        Assert.Equal(TableNames.Queues.Order(StringComparer.Ordinal), made);
    }

    [Fact]
    public void A_function_listens_on_every_queue_of_storage_and_on_no_other()
    {
        var listenedOn = Functions.Bindings(usesServiceBus: false).Where(binding => binding.Type == "queueTrigger").Select(binding => binding.Queue);

        Assert.Equal(TableNames.Queues.Order(StringComparer.Ordinal), listenedOn.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void If_any_function_listens_to_Service_Bus_then_one_listens_on_every_queue_and_none_on_storage()
    {
        var listenedOn = Functions.Bindings(usesServiceBus: true).Where(binding => binding.Type == "serviceBusTrigger").Select(binding => binding.Queue).ToList();

        Assert.Equal(listenedOn.Count == 0 ? [] : TableNames.Queues.Order(StringComparer.Ordinal), listenedOn.Order(StringComparer.Ordinal));
        Assert.Equal(listenedOn.Count == 0, Functions.Bindings(usesServiceBus: true).Any(binding => binding.Type == "queueTrigger"));
    }

    [Theory, MemberData(nameof(Deployments))]
    public void Every_connection_of_a_function_that_runs_is_configured_by_identity(string deployment)
    {
        var snapshot = DeploymentSnapshot.Read(deployment);

        var connections = Functions.Bindings(snapshot.UsesServiceBus).Where(binding => binding.Definition.TryGetProperty("connection", out _))
            .Select(binding => binding.Definition.GetProperty("connection").GetString()!)
            .Append("AzureWebJobsStorage").Concat(snapshot.UsesServiceBus ? ["ServiceBus"] : []).Distinct(StringComparer.Ordinal);

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
        Assert.Equal(snapshot.UsesServiceBus, snapshot.AppSettings.TryGetValue("ServiceBus__fullyQualifiedNamespace", out var trigger));
        Assert.Equal(app, trigger);
    }

    [Fact]
    public void A_queue_has_sessions_if_and_only_if_its_function_expects_them()
    {
        var queues = DeploymentSnapshot.Read("bus").ResourcesOf("Microsoft.ServiceBus/namespaces/queues")
            .ToDictionary(queue => queue.GetProperty("name").GetString()!.Split('/')[^1], queue => queue.GetProperty("properties").GetProperty("requiresSession").GetBoolean(), StringComparer.Ordinal);

        Assert.All(Functions.Bindings(usesServiceBus: true).Where(binding => binding.Type == "serviceBusTrigger"), binding => Assert.Equal(
            queues[binding.Queue],
            binding.Definition.TryGetProperty("isSessionsEnabled", out var sessions) && sessions.GetBoolean()));
    }

    [Fact]
    public void A_job_is_given_up_after_as_many_attempts_as_in_a_queue_of_storage_and_kept()
    {
        var attempts = Checkout.ReadJson("host.json").GetProperty("extensions").GetProperty("queues").GetProperty("maxDequeueCount").GetInt32();

        Assert.All(DeploymentSnapshot.Read("bus").ResourcesOf("Microsoft.ServiceBus/namespaces/queues"), queue =>
        {
            var properties = queue.GetProperty("properties");
            Assert.True(properties.GetProperty("deadLetteringOnMessageExpiration").GetBoolean());
            Assert.Equal(attempts, properties.GetProperty("maxDeliveryCount").GetInt32());
        });
    }

    [Theory]
    [InlineData("", "", "StorageQueue")]
    [InlineData("small", "", "StorageQueue")]
    [InlineData("large", "", "ServiceBus")]
    [InlineData("large", "StorageQueue", "StorageQueue")]
    [InlineData("dev", "ServiceBus", "ServiceBus")]
    public async Task Azd_packages_the_triggers_of_the_queue_that_the_deployment_is_given(string size, string queue, string kind)
    {
        var (exitCode, output, props) = await SelectAsync(size, queue);

        Assert.True(exitCode == 0, output);
        Assert.Contains($"<WorkQueue>{kind}</WorkQueue>", props, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("huge", "")]
    [InlineData("dev", "RabbitMQ")]
    public async Task A_kind_that_there_is_not_stops_the_packaging(string size, string queue)
    {
        var (exitCode, _, props) = await SelectAsync(size, queue);

        Assert.NotEqual(0, exitCode);
        Assert.Equal("", props);
    }

    // In a copy, because a publish that another test run starts would read what this writes.
    private static async Task<(int ExitCode, string Output, string Props)> SelectAsync(string size, string queue)
    {
        var root = Directory.CreateTempSubdirectory("parley-select-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "functions"));
            Directory.CreateDirectory(Path.Combine(root, "infra", "sizes"));
            foreach (var file in Directory.GetFiles(Checkout.PathOf("infra", "sizes"), "*.json").Append(Checkout.PathOf("infra", "select-work-queue")))
            {
                File.Copy(file, Path.Combine(root, "infra", Path.GetRelativePath(Checkout.PathOf("infra"), file)));
            }

            File.Copy(Checkout.PathOf("azure.yaml"), Path.Combine(root, "azure.yaml"));
            var (exitCode, output) = await NodePackages.RunAsync(
                Path.Combine(root, "functions"), "env", [$"PARLEY_SIZE={size}", $"PARLEY_WORK_QUEUE={queue}", "sh", "-c", HookOfAzd()]);
            var props = Path.Combine(root, "functions", "obj", "work-queue.props");
            return (exitCode, output, File.Exists(props) ? await File.ReadAllTextAsync(props) : "");
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static string HookOfAzd() => Hook().Match(Checkout.Read("azure.yaml")).Groups["run"].Value;

    [GeneratedRegex(@"prepackage:\s+shell: sh\s+run: '(?<run>[^']+)'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Hook();
}
