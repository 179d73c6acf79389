using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Parley.Tests.Packaging;

/// <summary>The checkout that these tests were built from: its folders, read as files.</summary>
internal static class Checkout
{
    public static string Root { get; } = FindRoot();

    /// <summary>The folders that hold a package: the ordinary build and, when <c>PARLEY_APP</c> names one, a published one.</summary>
    public static IEnumerable<string> Packages()
    {
        // tests/bin/{configuration}/net10.0: the app is built with the same configuration.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        yield return PathOf("functions", "bin", configuration, "net10.0");
        if (Environment.GetEnvironmentVariable("PARLEY_APP") is { Length: > 0 } published)
        {
            yield return Path.GetFullPath(published, Root);
        }
    }

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    public static JsonElement ReadJson(params string[] parts) => JsonElement.Parse(Read(parts));

    private static string FindRoot([CallerFilePath] string here = "")
    {
        var start = File.Exists(here) ? Path.GetDirectoryName(here)! : AppContext.BaseDirectory;
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Parley.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"Parley.slnx is in no folder above {start}");
    }
}
