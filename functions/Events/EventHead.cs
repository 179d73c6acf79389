using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Data.Tables;

namespace Parley.Events;

/// <summary>An event that is still stored.</summary>
/// <param name="Time">Unix seconds.</param>
/// <param name="Mark">A hash of its name.</param>
public readonly record struct KeptEvent(long Seq, long Time, string Mark);

/// <summary>The head of an account's event timeline, row <c>e</c>: besides a timeline's own columns, Kept has a line "time mark" for each stored entry, oldest first.</summary>
/// <remarks>So an appender sees without reading entries what is too old and what it has appended before.</remarks>
public sealed record EventHead(long Epoch, long LastSeq, IReadOnlyList<KeptEvent> Kept)
{
    public const int MostKept = 100;

    /// <summary>As long as the reference keeps system notices: 100 of them, for seven days.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    private const string KeptColumn = "Kept";
    private const int MarkBytes = 8;

    /// <summary>Number of the first entry that can still be read.</summary>
    public long FirstSeq(DateTimeOffset now) =>
        Kept.Where(kept => !IsOld(kept.Time, now)).Select(kept => kept.Seq).FirstOrDefault(LastSeq + 1);

    public KeptEvent? Find(string id)
    {
        var mark = MarkOf(id);
        return Kept.Where(kept => kept.Mark == mark).Select(kept => (KeptEvent?)kept).FirstOrDefault();
    }

    public static bool IsOld(long time, DateTimeOffset now) => time < (now - KeptFor).ToUnixTimeSeconds();

    public static string MarkOf(string id) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(id)), 0, MarkBytes);

    public static EventHead FromRow(TableEntity? row)
    {
        var last = row?.GetInt64("LastSeq") ?? 0;
        var lines = (row?.GetString(KeptColumn) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return new EventHead(row?.GetInt64("Epoch") ?? 0, last, [.. lines.Select((line, n) => Parse(line, last - lines.Length + n + 1))]);
    }

    internal static void Write(TableEntity row, IEnumerable<KeptEvent> kept) =>
        row[KeptColumn] = string.Join('\n', kept.Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Time} {one.Mark}")));

    private static KeptEvent Parse(string line, long seq)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return new KeptEvent(seq, long.Parse(line.AsSpan(0, space), CultureInfo.InvariantCulture), line[(space + 1)..]);
    }
}
