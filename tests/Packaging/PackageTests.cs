using System.Runtime.InteropServices;
using System.Text.Json;

namespace Parley.Tests.Packaging;

/// <summary>What the Functions host needs to find in the folder it is given, built or published.</summary>
public sealed class PackageTests
{
    public static TheoryData<string> Packages => [.. Checkout.Packages()];

    [Theory, MemberData(nameof(Packages))]
    public void Host_json_names_an_executable_that_is_there_and_may_be_executed(string package)
    {
        var executable = Path.Combine(package, DefaultExecutable(package));

        Assert.True(File.Exists(executable), $"{executable} is missing");
        if (!OperatingSystem.IsWindows())
        {
            Assert.True(File.GetUnixFileMode(executable).HasFlag(UnixFileMode.UserExecute), $"{executable} lacks the execute bit");
        }
    }

    [Theory, MemberData(nameof(Packages))]
    public void The_executable_is_a_Linux_program_for_x64(string package)
    {
        var builtElsewhere = !OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64;
        if (builtElsewhere && !IsPublished(package))
        {
            return; // An ordinary build is for the system it is built on.
        }

        var header = new byte[20];
        using var file = File.OpenRead(Path.Combine(package, DefaultExecutable(package)));
        file.ReadExactly(header);

        Assert.Equal("\u007fELF"u8.ToArray(), header[..4]);
        Assert.Equal(2, header[4]); // 64 bits
        Assert.Equal(0x3e, header[18]); // x86-64
    }

    [Theory, MemberData(nameof(Packages))]
    public void Each_function_of_the_sources_is_a_folder_at_the_root(string package)
    {
        var sources = Directory.GetDirectories(Checkout.PathOf("functions", "bindings")).Select(Path.GetFileName).Order(StringComparer.Ordinal);

        var packaged = FunctionsOf(package).Select(function => function.Name).Order(StringComparer.Ordinal);

        Assert.Equal(sources, packaged);
    }

    [Theory, MemberData(nameof(Packages))]
    public void No_function_names_a_script(string package)
    {
        Assert.All(FunctionsOf(package), function => Assert.False(function.Definition.TryGetProperty("scriptFile", out _)));
    }

    [Theory, MemberData(nameof(Packages))]
    public void Each_function_has_exactly_one_trigger(string package)
    {
        Assert.All(FunctionsOf(package), function => Assert.Single(function.Bindings, IsTrigger));
    }

    [Theory, MemberData(nameof(Packages))]
    public void Http_functions_are_pure_so_that_the_host_forwards_them_as_they_are(string package)
    {
        var http = FunctionsOf(package).Where(function => function.Bindings.Any(binding => TypeOf(binding) == "httpTrigger"));

        Assert.All(http, function => Assert.Equal(["httpTrigger", "http"], function.Bindings.Select(TypeOf)));
    }

    [Theory, MemberData(nameof(Packages))]
    public void No_two_functions_listen_on_the_same_route_or_queue(string package)
    {
        var triggers = FunctionsOf(package).SelectMany(function => function.Bindings).Where(IsTrigger).ToList();

        AssertUnique(triggers.Where(trigger => TypeOf(trigger) == "httpTrigger").Select(trigger => trigger.GetProperty("route").GetString()!));
        AssertUnique(triggers.Where(trigger => TypeOf(trigger) == "queueTrigger").Select(trigger => trigger.GetProperty("queueName").GetString()!));
    }

    [Theory, MemberData(nameof(Packages))]
    public void No_local_settings_are_packaged(string package)
    {
        var files = Directory.EnumerateFiles(package, "*", SearchOption.AllDirectories).Select(file => Path.GetFileName(file)!).ToList();

        Assert.DoesNotContain(files, file => file.StartsWith("local.settings", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(files, file => file.StartsWith("appsettings", StringComparison.OrdinalIgnoreCase));
    }

    private static string DefaultExecutable(string package) =>
        JsonElement.Parse(File.ReadAllText(Path.Combine(package, "host.json")))
            .GetProperty("customHandler").GetProperty("description").GetProperty("defaultExecutablePath").GetString()!;

    private static bool IsPublished(string package) => !File.Exists(Path.Combine(package, "parley.deps.json"));

    private static List<Function> FunctionsOf(string package)
    {
        var functions = Directory.GetDirectories(package)
            .Where(folder => File.Exists(Path.Combine(folder, "function.json")))
            .Select(folder => new Function(Path.GetFileName(folder), JsonElement.Parse(File.ReadAllText(Path.Combine(folder, "function.json")))))
            .ToList();
        Assert.NotEmpty(functions);
        return functions;
    }

    private static bool IsTrigger(JsonElement binding) => TypeOf(binding).EndsWith("Trigger", StringComparison.Ordinal);

    private static string TypeOf(JsonElement binding) => binding.GetProperty("type").GetString()!;

    private static void AssertUnique(IEnumerable<string> names)
    {
        var all = names.ToList();
        Assert.NotEmpty(all);
        Assert.Equal(all.Distinct(StringComparer.OrdinalIgnoreCase), all);
    }

    private sealed record Function(string Name, JsonElement Definition)
    {
        public IEnumerable<JsonElement> Bindings => Definition.GetProperty("bindings").EnumerateArray();
    }
}
