using System.IO.Compression;

namespace Parley.Package;

/// <summary>The zip that is deployed, made of a published folder in the way azd makes it.</summary>
/// <remarks>
/// Relative names with forward slashes, deflate, no entries for folders, links replaced by what they point to, modes as in the file system.
/// Source: the source of azd, its packaging of zip-deployed services.
/// </remarks>
internal static class PackageArchive
{
    private static readonly string[] LeftOut = [".azure", ".funcignore", "local.settings.json"];

    /// <summary>Writes the zip, over an older one.</summary>
    public static void Create(string folder, string zip)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(zip))!);
        File.Delete(zip);
        using var archive = ZipFile.Open(zip, ZipArchiveMode.Create);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/');
            if (!LeftOut.Contains(name.Split('/')[0], StringComparer.Ordinal))
            {
                archive.CreateEntryFromFile(file, name, CompressionLevel.Optimal);
            }
        }
    }

    /// <summary>Unpacks the zip into a folder of its own, with the modes that it has.</summary>
    public static void Extract(string zip, string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        ZipFile.ExtractToDirectory(zip, folder);
    }
}
