using System.Text.Json;
using Azure.Data.Tables;

namespace Parley.Statistics;

/// <summary>What is added up; the names are columns of table <c>statistics</c>.</summary>
public enum Figure
{
    AccountsImported,
    AccountsDeleted,
    Logins,
    C2CUp,
    C2CDown,
    C2CPushes,
    GroupUp,
    GroupDown,
    GroupPushes,
    GroupsCreated,
    GroupsDismissed,
    GroupJoins,
    GroupQuits,
    FriendPairsAdded,
    FriendPairsRemoved,
    CallbacksSent,
    CallbacksAnswered,
    ConnectionsOpened,
}

/// <summary>Of what the different ones are counted; the names are columns too.</summary>
public enum Distinct
{
    ActiveAccounts,
    LoginAccounts,
    C2CSenders,
    GroupSenders,
    ActiveGroups,
}

/// <summary>The figures of one day, or of a part of it that one instance has counted.</summary>
/// <remarks>
/// Columns besides: Callbacks, as JSON, the numbers of each command; Closed0 … Closed6, the connections closed this day by how many days ago they were opened; MaxOnline, on the row of a whole day.
/// </remarks>
public sealed class DayFigures
{
    /// <summary>A connection that was opened on an earlier day than these is taken for closed.</summary>
    public const int OnlineDays = 7;

    private const string MaxOnlineColumn = "MaxOnline";
    private const string ClosedPrefix = "Closed";
    private const string CallbacksColumn = "Callbacks";

    private readonly long[] _sums = new long[Enum.GetValues<Figure>().Length];
    private readonly long[] _closed = new long[OnlineDays];
    private readonly Dictionary<string, CallbackFigures> _callbacks = new(StringComparer.Ordinal);
    private readonly DistinctSketch?[] _sketches = new DistinctSketch?[Enum.GetValues<Distinct>().Length];

    /// <summary>The columns that tell how many are online, and where.</summary>
    public static IReadOnlyList<string> OnlineColumns { get; } =
        ["PartitionKey", "RowKey", nameof(Figure.ConnectionsOpened), MaxOnlineColumn, .. Enumerable.Range(0, OnlineDays).Select(ClosedColumn)];

    /// <summary>The most connections that were seen open at a time.</summary>
    public long MaxOnline { get; set; }

    /// <summary>Of each command that there were callbacks of.</summary>
    public IReadOnlyDictionary<string, CallbackFigures> Callbacks => _callbacks;

    public long this[Figure figure]
    {
        get => _sums[(int)figure];
        set => _sums[(int)figure] = value;
    }

    /// <exception cref="FormatException">A column holds something else.</exception>
    public static DayFigures FromRow(TableEntity row)
    {
        var figures = new DayFigures { MaxOnline = Number(row, MaxOnlineColumn) };
        foreach (var figure in Enum.GetValues<Figure>())
        {
            figures[figure] = Number(row, figure.ToString());
        }

        for (var age = 0; age < OnlineDays; age++)
        {
            figures._closed[age] = Number(row, ClosedColumn(age));
        }

        foreach (var distinct in Enum.GetValues<Distinct>())
        {
            figures._sketches[(int)distinct] = row.TryGetValue(distinct.ToString(), out var value)
                ? DistinctSketch.FromBytes(value as byte[] ?? throw new FormatException($"{distinct} is no sketch."))
                : null;
        }

        foreach (var (command, numbers) in ReadCallbacks(row))
        {
            figures._callbacks[command] = CallbackFigures.Of(numbers);
        }

        return figures;
    }

    public TableEntity ToRow(string partitionKey, string rowKey)
    {
        var row = new TableEntity(partitionKey, rowKey);
        foreach (var figure in Enum.GetValues<Figure>().Where(figure => this[figure] != 0))
        {
            row[figure.ToString()] = this[figure];
        }

        for (var age = 0; age < OnlineDays; age++)
        {
            row[ClosedColumn(age)] = _closed[age] == 0 ? null : _closed[age];
        }

        foreach (var distinct in Enum.GetValues<Distinct>())
        {
            row[distinct.ToString()] = _sketches[(int)distinct]?.ToBytes();
        }

        row[CallbacksColumn] = _callbacks.Count == 0
            ? null
            : JsonSerializer.Serialize(_callbacks.ToDictionary(callback => callback.Key, callback => callback.Value.Numbers), ParleyJson.Wire.DictionaryStringIReadOnlyListInt64);
        row[MaxOnlineColumn] = MaxOnline == 0 ? null : MaxOnline;
        return row;
    }

    public void Count(Distinct distinct, string text) => (_sketches[(int)distinct] ??= new()).Add(text);

    public void CountCallback(string command, CallbackCount count, TimeSpan? duration)
    {
        var figures = CallbacksOf(command);
        figures.Add(count);
        if (duration is { } took)
        {
            figures.AddDuration(took);
        }
    }

    /// <summary>Counts a connection that was closed, by how many days ago it was opened.</summary>
    public void CountClosed(int age)
    {
        if (age is >= 0 and < OnlineDays)
        {
            _closed[age]++;
        }
    }

    /// <summary>How many different ones there were; of several kinds together, each counts once.</summary>
    public long Different(params ReadOnlySpan<Distinct> kinds)
    {
        var all = new DistinctSketch();
        foreach (var kind in kinds)
        {
            if (_sketches[(int)kind] is { } sketch)
            {
                all.Merge(sketch);
            }
        }

        return all.Count;
    }

    /// <summary>How many connections that were opened that many days ago or later were opened this day, less those closed.</summary>
    /// <param name="days">How many days before this one still count.</param>
    public long Online(int days) => this[Figure.ConnectionsOpened] - _closed.Take(days + 1).Sum();

    /// <summary>Adds another part of the day.</summary>
    public void Merge(DayFigures other)
    {
        MaxOnline = Math.Max(MaxOnline, other.MaxOnline);
        for (var index = 0; index < _sums.Length; index++)
        {
            _sums[index] += other._sums[index];
        }

        for (var age = 0; age < OnlineDays; age++)
        {
            _closed[age] += other._closed[age];
        }

        foreach (var (command, callbacks) in other._callbacks)
        {
            CallbacksOf(command).Merge(callbacks);
        }

        for (var index = 0; index < _sketches.Length; index++)
        {
            if (other._sketches[index] is { } sketch)
            {
                (_sketches[index] ??= new()).Merge(sketch);
            }
        }
    }

    private CallbackFigures CallbacksOf(string command)
    {
        if (!_callbacks.TryGetValue(command, out var figures))
        {
            _callbacks[command] = figures = new CallbackFigures();
        }

        return figures;
    }

    private static Dictionary<string, IReadOnlyList<long>> ReadCallbacks(TableEntity row)
    {
        try
        {
            return row.GetString(CallbacksColumn) is { } json ? JsonSerializer.Deserialize(json, ParleyJson.Wire.DictionaryStringIReadOnlyListInt64) ?? [] : [];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"{CallbacksColumn} is unreadable.", e);
        }
    }

    private static string ClosedColumn(int age) => FormattableString.Invariant($"{ClosedPrefix}{age}");

    private static long Number(TableEntity row, string column) => row.TryGetValue(column, out var value)
        ? value as long? ?? throw new FormatException($"{column} is no number.")
        : 0;
}
