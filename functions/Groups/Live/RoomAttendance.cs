using System.Globalization;
using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Groups.Live;

/// <summary>An account that is in a live room, as the room lists it.</summary>
/// <param name="Number">Grows with each that comes.</param>
/// <param name="JoinTime">Unix seconds.</param>
public sealed record Attendant(string Account, long Number, long JoinTime, IReadOnlyList<long> Marks)
{
    public static Attendant Parse(string text)
    {
        var parts = text.Split(',');
        return new Attendant(
            KeyText.Unescape(parts[0]), long.Parse(parts[1], CultureInfo.InvariantCulture), long.Parse(parts[2], CultureInfo.InvariantCulture),
            parts[3].Length == 0 ? [] : [.. parts[3].Split('.').Select(mark => long.Parse(mark, CultureInfo.InvariantCulture))]);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{KeyText.Escape(Account)},{Number},{JoinTime},{string.Join('.', Marks)}");
}

/// <summary>
/// Who is in a live room: how many, accounts and guests, and the names of the latest 1,000 accounts. One row <c>o</c> of the room's partition, whatever the room's size.
/// </summary>
/// <remarks>
/// The row also names the latest calls that were counted, so that one whose answer was lost is not counted twice. A process that is killed after it noted with the account that
/// somebody came or went, and before this row, leaves the number off by one. It is never below zero.
/// </remarks>
public sealed class RoomAttendance
{
    public const string RowKey = "o";

    /// <summary>Source: API reference, groups §7.2.</summary>
    public const int MostListed = 1_000;

    private const int ListedInColumn = 150;
    private const int Columns = (MostListed + ListedInColumn - 1) / ListedInColumn;

    // More than the changes of one transaction.
    private const int MostDone = 256;
    private const int DoneLength = 10;

    private readonly List<string> _done;
    private readonly List<string> _listed;

    private RoomAttendance(long count, long joins, List<string> done, List<string> listed)
    {
        (Count, Joins, _done, _listed) = (count, joins, done, listed);
    }

    /// <summary>How many are in.</summary>
    public long Count { get; private set; }

    /// <summary>How many accounts have come so far.</summary>
    public long Joins { get; private set; }

    /// <summary>The latest accounts, in the order in which they came.</summary>
    public IEnumerable<Attendant> Attendants => _listed.Select(Attendant.Parse);

    public static RoomAttendance FromRow(TableEntity? row) => new(
        row?.GetInt64("Count") ?? 0,
        row?.GetInt64("Joins") ?? 0,
        Split(row?.GetString("Done")),
        [.. Enumerable.Range(0, Columns).SelectMany(column => Split(row?.GetString(ColumnOf(column))))]);

    /// <summary>Somebody came.</summary>
    /// <param name="account">Null for a guest.</param>
    /// <param name="attempt">Names the call.</param>
    /// <returns>False when the call was counted before.</returns>
    public bool TryEnter(string? account, string attempt, long now)
    {
        if (!TryBegin(attempt))
        {
            return false;
        }

        Count++;
        if (account is not null)
        {
            Remove(account);
            _listed.Add(new Attendant(account, ++Joins, now, []).ToString());
            _listed.RemoveRange(0, Math.Max(0, _listed.Count - MostListed));
        }

        return true;
    }

    /// <summary>Somebody went.</summary>
    /// <param name="entered">Names the call by which it came.</param>
    /// <returns>False when the call was counted before.</returns>
    public bool TryLeave(string? account, string attempt, string entered)
    {
        if (!TryBegin(attempt))
        {
            return false;
        }

        if (Count == 0)
        {
            // Its coming is yet to be counted; now it is not.
            TryBegin(entered);
        }

        Count = Math.Max(0, Count - 1);
        if (account is not null)
        {
            Remove(account);
        }

        return true;
    }

    /// <summary>Gives an account that is listed other marks.</summary>
    public void Mark(Attendant attendant, IEnumerable<long> marks) =>
        _listed[_listed.FindIndex(text => IsOf(text, attendant.Account))] = (attendant with { Marks = [.. marks.Distinct().Order()] }).ToString();

    public Attendant? Find(string account) => _listed.Find(text => IsOf(text, account)) is { } found ? Attendant.Parse(found) : null;

    public TableEntity ToRow()
    {
        var row = new TableEntity { RowKey = RowKey, ["Count"] = Count, ["Joins"] = Joins, ["Done"] = string.Join('|', _done) };
        foreach (var (texts, column) in _listed.Chunk(ListedInColumn).Select((texts, column) => (texts, column)))
        {
            row[ColumnOf(column)] = string.Join('|', texts);
        }

        return row;
    }

    private bool TryBegin(string attempt)
    {
        var name = attempt[..DoneLength];
        if (_done.Contains(name))
        {
            return false;
        }

        _done.Add(name);
        _done.RemoveRange(0, Math.Max(0, _done.Count - MostDone));
        return true;
    }

    private void Remove(string account) => _listed.RemoveAll(text => IsOf(text, account));

    private static bool IsOf(string text, string account) => text.StartsWith(KeyText.Escape(account) + ",", StringComparison.Ordinal);

    private static List<string> Split(string? text) => string.IsNullOrEmpty(text) ? [] : [.. text.Split('|')];

    private static string ColumnOf(int column) => string.Create(CultureInfo.InvariantCulture, $"Latest{column}");
}
