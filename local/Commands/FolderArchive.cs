using Parley.Archives;

namespace Parley.Local.Commands;

/// <summary>An export in a folder of this computer.</summary>
internal sealed class FolderArchive(string folder) : IArchive
{
    public async Task WriteAsync(string name, Stream content, CancellationToken cancellation)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using (var file = PrivateFile.Create(path + ".new"))
        {
            await content.CopyToAsync(file, cancellation);
        }

        File.Move(path + ".new", path, overwrite: true);
    }

    public Task<Stream> OpenReadAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return Task.FromResult<Stream>(File.OpenRead(PathOf(name)));
        }
        catch (DirectoryNotFoundException e)
        {
            throw new FileNotFoundException($"There is no file {name}.", name, e);
        }
    }

    // A manifest that was tampered with must not lead out of the folder.
    private string PathOf(string name)
    {
        var root = Path.GetFullPath(folder);
        var path = Path.GetFullPath(Path.Combine(root, name));
        return path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new FileNotFoundException($"{name} is not in the folder.", name);
    }
}
