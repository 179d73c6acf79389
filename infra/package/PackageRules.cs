using System.IO.Compression;
using System.Text.Json;

namespace Parley.Package;

/// <summary>What a package must be like for the Functions host to run it on Linux.</summary>
internal static class PackageRules
{
    private const string HostJson = "host.json";
    private const string FunctionJson = "function.json";
    private const int ExecutableMode = 0b111_101_101; // 0755
    private const int ModeBits = 0b111_111_111;

    private static readonly string[] ForbiddenExtensions = [".pdb", ".dbg"];
    private static readonly string[] ForbiddenNames = ["local.settings", "appsettings"];

    /// <returns>What is wrong, a sentence each; empty if nothing is.</returns>
    public static IReadOnlyList<string> Violations(ZipArchive package) =>
        [.. Names(package), .. Unwanted(package), .. Executable(package), .. Functions(package)];

    /// <summary>The functions, each with the type of its trigger.</summary>
    public static IEnumerable<(string Function, string Trigger)> Triggers(ZipArchive package) =>
        from entry in package.Entries
        where entry.Name == FunctionJson && Read(entry) is { ValueKind: JsonValueKind.Object } definition && definition.TryGetProperty("bindings", out _)
        let triggers = TriggersOf(Read(entry)!.Value)
        where triggers.Count > 0
        select (entry.FullName.Split('/')[0], triggers[0]);

    private static IEnumerable<string> Names(ZipArchive package)
    {
        var names = package.Entries.Select(entry => entry.FullName).ToList();
        foreach (var name in names.Where(name => name.StartsWith('/') || name.Contains('\\', StringComparison.Ordinal) || name.Split('/').Contains("..")))
        {
            yield return $"{name}: not a relative name with forward slashes.";
        }

        foreach (var name in names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Where(same => same.Count() > 1).Select(same => same.Key))
        {
            yield return $"{name}: is there more than once.";
        }
    }

    private static IEnumerable<string> Unwanted(ZipArchive package) =>
        from entry in package.Entries
        where ForbiddenExtensions.Contains(Path.GetExtension(entry.Name), StringComparer.OrdinalIgnoreCase)
            || ForbiddenNames.Any(name => entry.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase))
        select $"{entry.FullName}: does not belong into a package.";

    private static IEnumerable<string> Executable(ZipArchive package)
    {
        if (package.GetEntry(HostJson) is not { } host)
        {
            return [$"{HostJson} is missing at the root."];
        }

        var path = Read(host)?.GetProperty("customHandler").GetProperty("description").GetProperty("defaultExecutablePath").GetString();
        if (path is null || package.GetEntry(path) is not { } executable)
        {
            return [$"{path}: named by {HostJson}, but missing."];
        }

        var mode = (executable.ExternalAttributes >> 16) & ModeBits;
        return
        [
            .. mode == ExecutableMode ? [] : new[] { $"{path}: has mode {Convert.ToString(mode, 8).PadLeft(4, '0')}, not 0755." },
            .. IsLinuxProgram(executable) ? [] : new[] { $"{path}: is no program for Linux on x64." },
        ];
    }

    private static IEnumerable<string> Functions(ZipArchive package)
    {
        var functions = package.Entries.Where(entry => entry.Name == FunctionJson).ToList();
        if (functions.Count == 0)
        {
            yield return "There is no function.";
        }

        // Jobs go to one kind of queue; a trigger of the other kind has no connection, and would hear nothing.
        if (Triggers(package).Select(function => function.Trigger).Intersect(["queueTrigger", "serviceBusTrigger"], StringComparer.Ordinal).Count() > 1)
        {
            yield return "There are triggers of both kinds of queues.";
        }

        foreach (var function in functions)
        {
            if (function.FullName.Split('/').Length != 2)
            {
                yield return $"{function.FullName}: the folder of a function lies at the root.";
            }
            else if (Read(function) is not { ValueKind: JsonValueKind.Object } definition || !definition.TryGetProperty("bindings", out _))
            {
                yield return $"{function.FullName}: is not readable.";
            }
            else if (TriggersOf(definition).Count != 1)
            {
                yield return $"{function.FullName}: has not exactly one trigger.";
            }
        }
    }

    private static List<string> TriggersOf(JsonElement definition) =>
    [
        .. definition.GetProperty("bindings").EnumerateArray().Select(binding => binding.GetProperty("type").GetString()!)
            .Where(type => type.EndsWith("Trigger", StringComparison.Ordinal)),
    ];

    private static bool IsLinuxProgram(ZipArchiveEntry entry)
    {
        var header = new byte[20];
        using var content = entry.Open();
        return content.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length
            && header.AsSpan(0, 4).SequenceEqual("\u007fELF"u8) && header[4] == 2 && header[18] == 0x3e;
    }

    private static JsonElement? Read(ZipArchiveEntry entry)
    {
        try
        {
            using var content = entry.Open();
            using var document = JsonDocument.Parse(content);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
