using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Parley.Tests.Packaging;

/// <summary>
/// A setting has one name: property of an options class, setting in bicep and sample settings, and a line in the manual.
/// By convention section <c>X</c> is bound to class <c>XOptions</c>, as <c>X__Property</c>.
/// </summary>
public sealed partial class SettingsTests
{
    /// <summary>Settings that the Functions host or a library reads, not our code.</summary>
    private static readonly string[] ReadByOthers =
    [
        "AzureWebJobsStorage", "APPLICATIONINSIGHTS_", "AZURE_CLIENT_ID", "FUNCTIONS_", "OTEL_",
        "ServiceBus__fullyQualifiedNamespace", "ServiceBus__credential", "ServiceBus__clientId",
    ];

    /// <summary>In Azure the app's identity is used with the endpoints, elsewhere a connection string.</summary>
    private static readonly string[] OnlyInAzure =
    [
        "Storage__TableEndpoint", "Storage__QueueEndpoint", "Storage__BlobEndpoint", "SignalR__Endpoint", "SignalR__UpstreamIssuer", "SignalR__UpstreamAudience",
        "SignalR__UpstreamPrincipal", "ServiceBus__Namespace",
    ];
    private static readonly string[] OnlyElsewhere = ["Storage__ConnectionString", "SignalR__ConnectionString", "ServiceBus__ConnectionString"];

    /// <summary>The sample is for Azurite, whose queues are storage's.</summary>
    private static readonly string[] NotInTheSample = ["ServiceBus__ConnectionString"];

    /// <summary>Names of the settings that any deployment is given.</summary>
    private readonly IReadOnlyCollection<string> _deployed = DeploymentSnapshot.All.SelectMany(snapshot => snapshot.AppSettings.Keys).ToHashSet(StringComparer.Ordinal);

    private readonly Dictionary<string, string> _sample = Checkout.ReadJson("local.settings.sample.json").GetProperty("Values").EnumerateObject()
        .ToDictionary(setting => setting.Name, setting => setting.Value.GetString()!);

    [Fact]
    public void A_setting_without_a_default_is_given_a_value_in_Azure_and_in_the_sample()
    {
        var needed = Options().SelectMany(options => options.Properties.Where(property => !HasDefault(options.Type, property))
            .Select(property => $"{options.Section}__{property.Name}")).ToList();

        Assert.NotEmpty(needed);
        Assert.All(needed.Except(OnlyElsewhere, StringComparer.Ordinal), name => Assert.Contains(name, _deployed));
        Assert.All(needed.Except(OnlyInAzure.Concat(NotInTheSample), StringComparer.Ordinal), name => Assert.Contains(name, _sample.Keys));
    }

    [Fact]
    public void Every_setting_given_is_one_that_something_reads()
    {
        var read = Options().SelectMany(options => options.Properties.Select(property => $"{options.Section}__{property.Name}")).ToHashSet(StringComparer.Ordinal);

        var ours = _deployed.Concat(_sample.Keys)
            .Where(name => !ReadByOthers.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))).Select(name => ListItem().Replace(name, "")).ToList();

        Assert.NotEmpty(ours);
        Assert.All(ours, name => Assert.Contains(name, read));
    }

    [Fact]
    public void The_sample_settings_are_accepted_by_every_options_class()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(_sample.Select(setting => KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), (string?)setting.Value)))
            .Build();

        Assert.All(Options(), options =>
        {
            // A section of which the sample says nothing is all defaults.
            var bound = configuration.GetSection(options.Section).Get(options.Type);
            bound ??= Activator.CreateInstance(options.Type);
            Assert.NotNull(bound);
            Validator.ValidateObject(bound, new ValidationContext(bound), validateAllProperties: true);
        });
    }

    [Fact]
    public void A_section_is_bound_to_the_options_class_of_its_name()
    {
        var sections = Directory.EnumerateFiles(Checkout.PathOf("functions"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(file => BoundSection().Matches(File.ReadAllText(file)).Select(match => match.Groups["section"].Value))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();

        Assert.Equal(Options().Select(options => options.Section).Order(StringComparer.Ordinal), sections);
    }

    [Fact]
    public void The_manual_explains_every_setting_and_every_deployment_variable()
    {
        var manual = string.Concat(
            Directory.GetFiles(Checkout.PathOf("docs", "operations"), "*.md").Prepend(Checkout.PathOf("docs", "operations.md")).Select(File.ReadAllText));
        var variables = DeploymentVariable().Matches(Checkout.Read("infra", "main.parameters.json")).Select(match => match.Value);
        var options = Options().SelectMany(options => options.Properties.Select(property => $"{options.Section}__{property.Name}"));

        var deployed = _deployed.Select(name => ListIndex().Replace(name, "__{n}__"));

        Assert.All(deployed.Concat(variables).Concat(options), name => Assert.True(
            manual.Contains($"`{name}`", StringComparison.Ordinal) || manual.Contains($"`{name}__{{n}}__", StringComparison.Ordinal), $"{name} is not explained"));
    }

    [Fact]
    public void SignalR_is_named_in_one_way_with_all_that_belongs_to_it()
    {
        var signalR = _deployed.Where(name => name.StartsWith("SignalR__", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
        string[] byIdentity = ["SignalR__Endpoint", "SignalR__UpstreamIssuer", "SignalR__UpstreamAudience", "SignalR__UpstreamPrincipal"];

        Assert.True(signalR.Contains("SignalR__ConnectionString") || byIdentity.All(signalR.Contains), string.Join(", ", signalR));
        Assert.Contains("SignalR__ConnectionString", _sample.Keys);
    }

    private static IEnumerable<(Type Type, string Section, PropertyInfo[] Properties)> Options() =>
        from type in Assembly.Load("parley").GetTypes()
        where type is { IsClass: true, IsAbstract: false } && type.Name.EndsWith("Options", StringComparison.Ordinal) && type.GetConstructor([]) is not null
        let properties = type.GetProperties().Where(property => property.SetMethod is not null).ToArray()
        select (type, type.Name[..^"Options".Length], properties);

    private static bool HasDefault(Type type, PropertyInfo property) =>
        property.GetValue(Activator.CreateInstance(type)) is not (null or "");

    [GeneratedRegex(@"(BindConfiguration|GetSection)\(""(?<section>\w+)""\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BoundSection();

    [GeneratedRegex(@"__\d+__.*$", RegexOptions.None, 1000)]
    private static partial Regex ListItem();

    [GeneratedRegex(@"__\d+__", RegexOptions.None, 1000)]
    private static partial Regex ListIndex();

    [GeneratedRegex(@"PARLEY_[A-Z_]+", RegexOptions.None, 1000)]
    private static partial Regex DeploymentVariable();
}
