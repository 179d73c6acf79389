using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Parley.Activities;

namespace Parley.History;

/// <summary>
/// Packs messages as the reference lays them out: one JSON object, by lines.
/// <code>
/// {"SdkAppId":1400000123,"ChatType":"C2C","MsgTime":"2023111421","MsgList":[
/// {"From_Account":"mia.k","To_Account":"jonas", … },
/// {"From_Account":"jonas","To_Account":"mia.k", … }
/// ]}
/// </code>
/// </summary>
[SuppressMessage("Security", "CA5351:Do Not Use Broken Cryptographic Algorithms", Justification = "The API answers MD5, against damage in transit.")]
internal sealed class HistoryFileWriter : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = ParleyJson.Encoder };

    private readonly MemoryStream _file = new();
    private readonly GZipStream _packed;
    private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private readonly ArrayBufferWriter<byte> _line = new();

    public HistoryFileWriter(ActiveHour hour)
    {
        _packed = new GZipStream(_file, CompressionLevel.Optimal, leaveOpen: true);
        Append(System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant($$"""{"SdkAppId":{{hour.SdkAppId}},"ChatType":"{{hour.Type}}","MsgTime":"{{hour.Hour}}","MsgList":[""")));
    }

    /// <summary>How many messages it holds.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes before packing.</summary>
    public long Size { get; private set; }

    /// <summary>Adds a message.</summary>
    /// <param name="write">Writes its fields.</param>
    public void Add(Action<Utf8JsonWriter> write)
    {
        _line.ResetWrittenCount();
        _line.Write(Count++ == 0 ? "\n"u8 : ",\n"u8);
        using (var json = new Utf8JsonWriter(_line, Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        Append(_line.WrittenSpan);
    }

    /// <summary>Ends the file.</summary>
    public (Stream Content, HistoryFile File) Finish(string name)
    {
        Append("\n]}"u8);
        _packed.Dispose();
        _file.Position = 0;
        var gzipMd5 = Convert.ToHexStringLower(MD5.HashData(_file));
        _file.Position = 0;
        return (_file, new HistoryFile(name, Size, Convert.ToHexStringLower(_md5.GetHashAndReset()), _file.Length, gzipMd5));
    }

    public void Dispose()
    {
        _packed.Dispose();
        _file.Dispose();
        _md5.Dispose();
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        _packed.Write(text);
        _md5.AppendData(text);
        Size += text.Length;
    }
}
