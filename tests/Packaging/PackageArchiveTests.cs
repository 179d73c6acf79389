using System.IO.Compression;
using System.Runtime.Versioning;
using Parley.Package;

namespace Parley.Tests.Packaging;

/// <summary>The zip that is deployed: made as azd makes it, and refused if the Functions host could not run it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PackageArchiveTests : IDisposable
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly string _folder = Directory.CreateTempSubdirectory("parley-package-test-").FullName;

    public PackageArchiveTests()
    {
        Write("host.json", """{ "version": "2.0", "customHandler": { "description": { "defaultExecutablePath": "app" } } }""");
        Write("rest/function.json", """{ "bindings": [ { "type": "httpTrigger" }, { "type": "http" } ] }""");
        File.WriteAllBytes(Path.Combine(_folder, "published", "app"), [.. "\u007fELF"u8, 2, .. new byte[13], 0x3e, 0]);
        File.SetUnixFileMode(Path.Combine(_folder, "published", "app"), Executable);
    }

    [Fact]
    public void Names_and_modes_are_kept_there_and_back()
    {
        Assert.Empty(Violations());

        using (var package = ZipFile.OpenRead(Zip))
        {
            Assert.Equal(["app", "host.json", "rest/function.json"], package.Entries.Select(entry => entry.FullName));
        }

        var unpacked = Path.Combine(_folder, "unpacked");
        PackageArchive.Extract(Zip, unpacked);
        Assert.Equal(Executable, File.GetUnixFileMode(Path.Combine(unpacked, "app")));
        Assert.Equal(File.ReadAllText(Path.Combine(_folder, "published", "host.json")), File.ReadAllText(Path.Combine(unpacked, "host.json")));
        Assert.Equal(0, (int)(File.GetUnixFileMode(Path.Combine(unpacked, "host.json")) & (UnixFileMode.UserExecute | UnixFileMode.OtherWrite)));
    }

    [Fact]
    public void What_azd_leaves_out_is_left_out()
    {
        Write("local.settings.json", "{}");
        Write(".funcignore", "");
        Write(".azure/dev/.env", "");

        Assert.Empty(Violations());
    }

    [Fact]
    public void An_executable_that_may_not_be_executed_is_refused()
    {
        File.SetUnixFileMode(Path.Combine(_folder, "published", "app"), UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        Assert.Equal(["app: has mode 0444, not 0755."], Violations());
    }

    [Theory]
    [InlineData("parley.pdb", "", "parley.pdb: does not belong into a package.")]
    [InlineData("parley.dbg", "", "parley.dbg: does not belong into a package.")]
    [InlineData("appsettings.json", "{}", "appsettings.json: does not belong into a package.")]
    [InlineData("rest/local.settings.json", "{}", "rest/local.settings.json: does not belong into a package.")]
    [InlineData("app", "#!/bin/sh\nexec something else, to be long enough", "app: is no program for Linux on x64.")]
    [InlineData("host.json", """{ "customHandler": { "description": { "defaultExecutablePath": "other" } } }""", "other: named by host.json, but missing.")]
    [InlineData("more/deliver/function.json", """{ "bindings": [ { "type": "queueTrigger" } ] }""", "more/deliver/function.json: the folder of a function lies at the root.")]
    [InlineData("rest/function.json", """{ "bindings": [ { "type": "http" } ] }""", "rest/function.json: has not exactly one trigger.")]
    [InlineData("rest/function.json", "{", "rest/function.json: is not readable.")]
    [InlineData("REST/function.json", """{ "bindings": [ { "type": "httpTrigger" } ] }""", "REST/function.json: is there more than once.")]
    public void What_the_host_could_not_run_is_refused(string file, string content, string violation)
    {
        Write(file, content);

        Assert.Equal([violation], Violations());
    }

    [Fact]
    public void Triggers_of_both_kinds_of_queues_are_refused()
    {
        Write("deliver/function.json", """{ "bindings": [ { "type": "queueTrigger" } ] }""");
        Assert.Empty(Violations());

        Write("callback/function.json", """{ "bindings": [ { "type": "serviceBusTrigger" } ] }""");
        Assert.Equal(["There are triggers of both kinds of queues."], Violations());
    }

    [Theory]
    [InlineData("host.json", "host.json is missing at the root.")]
    [InlineData("rest/function.json", "There is no function.")]
    public void What_the_host_looks_for_must_be_there(string file, string violation)
    {
        File.Delete(Path.Combine(_folder, "published", file));

        Assert.Equal([violation], Violations());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Zip => Path.Combine(_folder, "app.zip");

    private IReadOnlyList<string> Violations()
    {
        PackageArchive.Create(Path.Combine(_folder, "published"), Zip);
        using var package = ZipFile.OpenRead(Zip);
        return PackageRules.Violations(package);
    }

    private void Write(string name, string content)
    {
        var path = Path.Combine(_folder, "published", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}
