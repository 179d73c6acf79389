using System.Text.Json;
using Azure.Data.Tables;

namespace Parley.Relationships;

/// <summary>How a friendship began, on the side of the account that has the other one in its list.</summary>
/// <param name="Since">Version of the relation with which it began: tells it from an earlier one.</param>
/// <param name="AddTime">Unix seconds.</param>
/// <param name="RemarkTime">Unix seconds; 0 without a remark.</param>
public sealed record FriendEntry(long Since, string Source, string Wording, long AddTime, string Remark, long RemarkTime, IReadOnlyList<string> Groups)
{
    /// <summary>Values of the app's own fields, as JSON, by keyword.</summary>
    public IReadOnlyDictionary<string, string>? Custom { get; init; }

    /// <summary>How many groups the account may have.</summary>
    public int MostGroups { get; init; }

    /// <summary>Imported: nobody is told.</summary>
    public bool IsSilent { get; init; }
}

/// <summary>A request for friendship that waits for an answer. Remark and group are for the list of the one who asks.</summary>
/// <param name="Time">Unix seconds.</param>
public sealed record FriendRequest(string Source, string Wording, string Remark, string? Group, long Time)
{
    public bool IsVoid(DateTimeOffset now, TimeSpan validFor) => Time < (now - validFor).ToUnixTimeSeconds();
}

/// <summary>What two accounts are to each other, as one of them sees it.</summary>
public sealed record Relation
{
    /// <summary>Nothing, so far.</summary>
    public static readonly Relation None = new();

    /// <summary>Grows with each change; 0 when there was none.</summary>
    public long Version { get; init; }

    /// <summary>The other one is in the own list.</summary>
    public FriendEntry? Friend { get; init; }

    /// <summary>The own account is in the other's list.</summary>
    public FriendEntry? FriendOf { get; init; }

    /// <summary>Since when the other one is on the own blacklist, in Unix seconds; 0 when it is not.</summary>
    public long Blocks { get; init; }

    /// <summary>Since when the own account is on the other's blacklist.</summary>
    public long BlockedBy { get; init; }

    /// <summary>The own account has asked the other one.</summary>
    public FriendRequest? Asks { get; init; }

    /// <summary>The other one has asked.</summary>
    public FriendRequest? AskedBy { get; init; }

    /// <summary>At least one has the other in its list.</summary>
    public bool IsPair => Friend is not null || FriendOf is not null;

    public int RequestCount => (Asks is null ? 0 : 1) + (AskedBy is null ? 0 : 1);

    /// <summary>The same as the other one sees it.</summary>
    public Relation Mirrored() => this with
    {
        Friend = FriendOf,
        FriendOf = Friend,
        Blocks = BlockedBy,
        BlockedBy = Blocks,
        Asks = AskedBy,
        AskedBy = Asks,
    };

    public static Relation FromRow(TableEntity? row) => row is null ? None : new Relation
    {
        Version = row.GetInt64("Version") ?? 0,
        Friend = Entry(row, "Friend"),
        FriendOf = Entry(row, "FriendOf"),
        Blocks = row.GetInt64("Blocks") ?? 0,
        BlockedBy = row.GetInt64("BlockedBy") ?? 0,
        Asks = Request(row, "Asks"),
        AskedBy = Request(row, "AskedBy"),
    };

    /// <summary>Writes all of it into a row, and what queries look for: IsFriend, IsBlocked, AskedAt (of the older request, Unix seconds).</summary>
    public void WriteTo(TableEntity row)
    {
        row["Version"] = Version;
        row["Blocks"] = Blocks;
        row["BlockedBy"] = BlockedBy;
        row["IsFriend"] = Friend is not null;
        row["IsBlocked"] = Blocks > 0;
        Write(row, "Friend", Friend is null ? null : JsonSerializer.Serialize(Friend, ParleyJson.Wire.FriendEntry));
        Write(row, "FriendOf", FriendOf is null ? null : JsonSerializer.Serialize(FriendOf, ParleyJson.Wire.FriendEntry));
        Write(row, "Asks", Asks is null ? null : JsonSerializer.Serialize(Asks, ParleyJson.Wire.FriendRequest));
        Write(row, "AskedBy", AskedBy is null ? null : JsonSerializer.Serialize(AskedBy, ParleyJson.Wire.FriendRequest));
        Write(row, "AskedAt", RequestCount == 0 ? null : Math.Min(Asks?.Time ?? long.MaxValue, AskedBy?.Time ?? long.MaxValue));
    }

    private static void Write(TableEntity row, string column, object? value)
    {
        if (value is null)
        {
            row.Remove(column);
        }
        else
        {
            row[column] = value;
        }
    }

    private static FriendEntry? Entry(TableEntity row, string column) =>
        row.GetString(column) is { } json ? JsonSerializer.Deserialize(json, ParleyJson.Wire.FriendEntry) : null;

    private static FriendRequest? Request(TableEntity row, string column) =>
        row.GetString(column) is { } json ? JsonSerializer.Deserialize(json, ParleyJson.Wire.FriendRequest) : null;
}
