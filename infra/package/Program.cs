using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using Parley.Package;

// Makes the package that `azd package` would make, without azd, and checks it.
const string Usage = """
    dotnet run --project infra/package -- [--work-queue KIND] [--published DIR] [--output FILE] [--unzip DIR]

      --work-queue KIND   StorageQueue (if not given) or ServiceBus: which triggers to package. The deployment has to be of the same kind.
      --published DIR     Package this folder instead of publishing the app natively first (Linux x64; needs clang and zlib1g-dev).
      --output FILE       The zip; artifacts/parley.zip if not given. `azd deploy api --from-package FILE` deploys it.
      --unzip DIR         Also unpack it there, replacing what is there: what the Functions host gets to see.
    """;

var options = new Dictionary<string, string>(StringComparer.Ordinal);
for (var i = 0; i < args.Length; i += 2)
{
    if (args[i] is not ("--work-queue" or "--published" or "--output" or "--unzip") || i + 1 == args.Length)
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }

    options[args[i]] = args[i + 1];
}

var root = FindRoot();
var zip = options.GetValueOrDefault("--output") ?? Path.Combine(root, "artifacts", "parley.zip");
if (options.TryGetValue("--published", out var published))
{
    PackageArchive.Create(published, zip);
}
else
{
    var folder = Directory.CreateTempSubdirectory("parley-package-").FullName;
    try
    {
        if (await PublishAsync(folder) is var code and not 0)
        {
            return code;
        }

        PackageArchive.Create(folder, zip);
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

if (!Check(zip))
{
    return 1;
}

if (options.TryGetValue("--unzip", out var unpacked))
{
    PackageArchive.Extract(zip, unpacked);
}

return 0;

// The command of azd, which names no runtime: the project does. Only the kind of queue comes to azd in another way (infra/select-work-queue).
async Task<int> PublishAsync(string folder)
{
    using var publish = Process.Start("dotnet", ["publish", Path.Combine(root, "functions"), "-c", "Release", "--output", folder, $"-p:WorkQueue={options.GetValueOrDefault("--work-queue", "StorageQueue")}"]);
    await publish.WaitForExitAsync();
    return publish.ExitCode;
}

static bool Check(string zip)
{
    using var package = ZipFile.OpenRead(zip);
    var violations = PackageRules.Violations(package);
    foreach (var violation in violations)
    {
        Console.Error.WriteLine(violation);
    }

    var size = package.Entries.Sum(entry => entry.Length);
    Console.WriteLine($"{zip}: {Megabytes(new FileInfo(zip).Length)} MB, unpacked {Megabytes(size)} MB in {package.Entries.Count} files");
    Console.WriteLine($"Functions: {string.Join(", ", PackageRules.Triggers(package).Select(function => $"{function.Function} ({function.Trigger})"))}");
    return violations.Count == 0;
}

static string Megabytes(long bytes) => (bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture);

static string FindRoot()
{
    for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
    {
        if (File.Exists(Path.Combine(folder.FullName, "Parley.slnx")))
        {
            return folder.FullName;
        }
    }

    throw new InvalidOperationException($"Parley.slnx is in no folder above {AppContext.BaseDirectory}");
}
