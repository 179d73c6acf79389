using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Parley.Apps;
using Parley.Storage;
using Parley.Tasks;

namespace Parley.Archives;

/// <summary>Reads the files of an export. Each is compared with its checksum before anything of it is believed.</summary>
/// <remarks>Whatever is missing or has another checksum is a <see cref="TaskRefusedException"/>.</remarks>
internal sealed class ArchiveReader(IArchive archive)
{
    public async Task<ArchiveManifest> ReadManifestAsync(string checksum, CancellationToken cancellation)
    {
        var json = await ReadAsync(ArchiveManifest.FileName, checksum, cancellation);
        var manifest = JsonSerializer.Deserialize(json, ParleyJson.Wire.ArchiveManifest) ?? throw new TaskRefusedException("The manifest is empty.");
        return manifest.Format == ArchiveManifest.CurrentFormat
            ? manifest
            : throw new TaskRefusedException($"The export has format {manifest.Format}; this program reads {ArchiveManifest.CurrentFormat}.");
    }

    /// <summary>Compares a file with its checksum.</summary>
    public async Task VerifyAsync(string name, string sha256, CancellationToken cancellation)
    {
        await using var content = await OpenAsync(name, cancellation);
        CheckHash(name, await SHA256.HashDataAsync(content, cancellation), sha256);
    }

    public Task<List<Line>> ReadLinesAsync(ArchivedPart part, CancellationToken cancellation) => ReadAsync(part, RowText.Read, cancellation);

    public Task<List<ArchivedBlob>> ReadListAsync(ArchivedPart list, CancellationToken cancellation) => ReadAsync(
        list, line => JsonSerializer.Deserialize(line.Span, ParleyJson.Wire.ArchivedBlob) ?? throw new FormatException("A line is no file."), cancellation);

    /// <summary>The settings of the app that was exported; null when they are not in the export.</summary>
    public async Task<App?> ReadSettingsAsync(ArchiveManifest manifest, CancellationToken cancellation)
    {
        foreach (var part in manifest.Parts.Where(part => part.Table == TableNames.Apps))
        {
            foreach (var line in await ReadLinesAsync(part, cancellation))
            {
                if (line.Row.RowKey == AppRows.SettingsRow)
                {
                    return AppTable.FromRow(line.Row);
                }
            }
        }

        return null;
    }

    /// <summary>A file as it is; whoever reads it checks it.</summary>
    public async Task<Stream> OpenAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await archive.OpenReadAsync(name, cancellation);
        }
        catch (FileNotFoundException e)
        {
            throw new TaskRefusedException(string.Create(CultureInfo.InvariantCulture, $"The export has no file {name}."), e);
        }
    }

    public static void CheckHash(string name, byte[] hash, string expected)
    {
        if (!CryptographicOperations.FixedTimeEquals(hash, Convert.FromHexString(expected)))
        {
            throw new TaskRefusedException($"File {name} of the export is not what was exported: its checksum is another one.");
        }
    }

    private async Task<List<T>> ReadAsync<T>(ArchivedPart part, Func<ReadOnlyMemory<byte>, T> read, CancellationToken cancellation)
    {
        using var source = new MemoryStream(await ReadAsync(part.Name, part.Sha256, cancellation), writable: false);
        await using var unpacked = new GZipStream(source, CompressionMode.Decompress);
        using var text = new MemoryStream();
        await unpacked.CopyToAsync(text, cancellation);
        var (lines, rest) = (new List<T>(), text.GetBuffer().AsMemory(0, (int)text.Length));
        while (rest.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            lines.Add(read(rest[..end]));
            rest = rest[(end + 1)..];
        }

        return lines;
    }

    private async Task<byte[]> ReadAsync(string name, string sha256, CancellationToken cancellation)
    {
        await using var source = await OpenAsync(name, cancellation);
        using var content = new MemoryStream();
        await source.CopyToAsync(content, cancellation);
        var bytes = content.ToArray();
        CheckHash(name, SHA256.HashData(bytes), sha256);
        return bytes;
    }
}
