using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>Where the rows of one timeline stand inside its partition.</summary>
/// <param name="Head">Row key of the head.</param>
/// <param name="Entries">Prefix of the entries; the sequence number follows.</param>
/// <param name="Identities">Prefix of the rows by which entries are found and recognised; the identity follows.</param>
public readonly record struct TimelineRows(string Head, string Entries, string Identities)
{
    public string Entry(long sequence) => Entries + KeyText.Sequence(sequence);

    public string Identity(string identity) => Identities + identity;
}

/// <summary>What makes an entry the same as one that was sent before.</summary>
/// <param name="Name">The sender's own name for it, such as MsgSeq and MsgRandom. Names may be used again later, for something else.</param>
/// <param name="Attempt">Names this request: a replay of it is not a duplicate.</param>
/// <param name="Digest">Of the content: tells a retry from another entry of the same name.</param>
public readonly record struct EntryIdentity(string Name, string Attempt, string Digest);

/// <summary>How an entry stands to what was stored before.</summary>
public enum EntryRelation
{
    /// <summary>It was stored by this request.</summary>
    New,

    /// <summary>The same was stored before.</summary>
    Repeated,

    /// <summary>Something else of the same name was stored a moment before; this was not.</summary>
    SameNameOnly,
}

/// <summary>Where an entry was put.</summary>
/// <param name="Sequence">Its number, dense from 1.</param>
/// <param name="Time">Unix seconds; never less than that of the entry before it.</param>
/// <param name="SentTime">Unix seconds; the part of the entry's key that names its time, the same in every copy.</param>
/// <param name="Relation">Whether it was there before; nothing was written then.</param>
/// <param name="OldestTime">Time of the oldest entry that is kept, in Unix seconds; null when not known, for a duplicate.</param>
public sealed record AppendedEntry(long Sequence, long Time, long SentTime, EntryRelation Relation, long? OldestTime);

/// <summary>
/// A timeline: a head row that counts, and entries with dense sequence numbers. Appending writes head (guarded by its version),
/// entry and identity row in one transaction, so a number is given once and an entry is accepted once.
/// </summary>
/// <remarks>
/// Head: Epoch (when it was begun, in ms: tells a timeline from an earlier one of the same place), LastSeq, LastTime, GrownAt (when an entry was last
/// appended, in Unix seconds, whatever the entry's own time), FirstSeq (oldest kept), FirstTime (its time), and whatever the owner of the timeline keeps beside.
/// Entry: Seq, Time, SentTime, Identity (if it has one), and the owner's own. Identity: Seq, SentTime, At (ms), Digest, Attempt of the latest use of the
/// name, and Earlier ("seq:time;…") for those before.
/// </remarks>
public static class Timeline
{
    /// <summary>The documented rule: the same name within one second is the same entry, whatever its content.</summary>
    public static readonly TimeSpan SameName = TimeSpan.FromSeconds(1);

    /// <summary>Our addition, so that a retry after a lost answer is safe: the same name and content within this time.</summary>
    public static readonly TimeSpan SameContent = TimeSpan.FromMinutes(5);

    private const int MaxEarlierCharacters = 8_000;

    /// <summary>Looks whether an entry was stored before.</summary>
    /// <returns>Where it is, or null when it is new.</returns>
    public static AppendedEntry? FindDuplicate(PartitionView view, TimelineRows rows, EntryIdentity identity, DateTimeOffset now)
    {
        if (view.GetUnlikely(rows.Identity(identity.Name)) is not { } known)
        {
            return null;
        }

        // Either may be the older: a request that waited long for its turn, or one of another instance.
        var age = (now - DateTimeOffset.FromUnixTimeMilliseconds(known.GetInt64("At") ?? 0)).Duration();
        var own = known.GetString("Attempt") == identity.Attempt;
        var sameContent = known.GetString("Digest") == identity.Digest;
        var relation = own ? EntryRelation.New : sameContent ? EntryRelation.Repeated : EntryRelation.SameNameOnly;
        return own || age < SameName || (age < SameContent && sameContent)
            ? new AppendedEntry(known.GetInt64("Seq") ?? 0, known.GetInt64("Time") ?? 0, known.GetInt64("SentTime") ?? 0, relation, null)
            : null;
    }

    /// <summary>Appends an entry that <see cref="FindDuplicate"/> has found to be new.</summary>
    /// <param name="head">The head as read; null to begin the timeline.</param>
    /// <param name="entry">The owner's own properties of the entry; the timeline's are added.</param>
    /// <param name="sentTime">Unix seconds.</param>
    /// <param name="updateHead">Writes the owner's own properties of the head.</param>
    public static AppendedEntry Append(
        PartitionView view, TimelineRows rows, TableEntity? head, TableEntity entry, EntryIdentity identity, long sentTime, DateTimeOffset now,
        Action<TableEntity, AppendedEntry> updateHead)
    {
        entry["Identity"] = identity.Name;
        var appended = AppendNameless(view, rows, head, entry, sentTime, now, updateHead);
        WriteIdentity(view, rows, identity, appended, now);
        return appended;
    }

    /// <summary>Appends an entry that nobody will look for; whoever does it sees from other rows whether it was done before.</summary>
    public static AppendedEntry AppendNameless(
        PartitionView view, TimelineRows rows, TableEntity? head, TableEntity entry, long sentTime, DateTimeOffset now,
        Action<TableEntity, AppendedEntry> updateHead)
    {
        var next = head?.Copy() ?? Begin(rows, now);
        next["GrownAt"] = Math.Max(now.ToUnixTimeSeconds(), next.GetInt64("GrownAt") ?? 0);
        var sequence = (next.GetInt64("LastSeq") ?? 0) + 1;
        var time = Math.Max(sentTime, next.GetInt64("LastTime") ?? 0);

        next["LastSeq"] = sequence;
        next["LastTime"] = time;
        var oldest = next.GetInt64("FirstTime") ?? time;
        next["FirstTime"] = oldest;
        var appended = new AppendedEntry(sequence, time, sentTime, EntryRelation.New, oldest);
        updateHead(next, appended);
        view.Put(next);

        entry.RowKey = rows.Entry(sequence);
        entry["Seq"] = sequence;
        entry["Time"] = time;
        entry["SentTime"] = sentTime;
        view.Insert(entry);
        return appended;
    }

    /// <summary>The head of a timeline without entries.</summary>
    public static TableEntity Begin(TimelineRows rows, DateTimeOffset now) => new()
    {
        RowKey = rows.Head,
        ["Epoch"] = now.ToUnixTimeMilliseconds(),
        ["FirstSeq"] = 1L,
        ["LastSeq"] = 0L,
        ["LastTime"] = 0L,
        ["GrownAt"] = 0L,
    };

    /// <summary>Reads the entry with a name and time; null when there is none.</summary>
    public static TableEntity? Find(PartitionView view, TimelineRows rows, string name, long sentTime) =>
        view.Get(rows.Identity(name)) is { } identity && FindSequence(identity, sentTime) is { } sequence ? view.Get(rows.Entry(sequence)) : null;

    /// <summary>The sequence number of the entry with an identity and time, from its identity row.</summary>
    public static long? FindSequence(TableEntity identity, long sentTime)
    {
        if (identity.GetInt64("SentTime") == sentTime)
        {
            return identity.GetInt64("Seq");
        }

        foreach (var use in (identity.GetString("Earlier") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = use.Split(':');
            if (long.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) == sentTime)
            {
                return long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        return null;
    }

    /// <summary>Takes the oldest entries out of a timeline.</summary>
    /// <param name="expired">The oldest entries, as read: Seq and Identity, if any, of each.</param>
    /// <param name="firstKept">Time of the oldest entry that stays, in Unix seconds; null when none does.</param>
    /// <param name="updateHead">Writes the owner's own properties of the head.</param>
    /// <returns>False when the timeline has changed since they were read; nothing is done then.</returns>
    public static bool TryTrim(
        PartitionView view, TimelineRows rows, IReadOnlyList<TableEntity> expired, long? firstKept, Action<TableEntity> updateHead)
    {
        if (view.Get(rows.Head) is not { } head || head.GetInt64("FirstSeq") > expired[0].GetInt64("Seq"))
        {
            return false;
        }

        var next = head.Copy();
        next["FirstSeq"] = expired[^1].GetInt64("Seq") + 1;
        next.Remove("FirstTime");
        // An entry may have come since they were read.
        if ((firstKept ?? (head.GetInt64("LastSeq") > expired[^1].GetInt64("Seq") ? head.GetInt64("LastTime") : null)) is { } time)
        {
            next["FirstTime"] = time;
        }

        updateHead(next);
        view.Put(next);
        foreach (var entry in expired)
        {
            view.DeleteLikely(entry.RowKey);
            if (entry.GetString("Identity") is not { } name)
            {
                continue;
            }

            var identityRow = rows.Identity(name);
            if (view.Get(identityRow) is { } identity && identity.GetInt64("Seq") == entry.GetInt64("Seq"))
            {
                view.Delete(identityRow);
            }
        }

        return true;
    }

    /// <summary>Writes into a head which entry is the oldest that there is; null when there is none.</summary>
    public static void BeginWith(TableEntity head, TableEntity? oldest)
    {
        head["FirstSeq"] = oldest?.GetInt64("Seq") ?? (head.GetInt64("LastSeq") ?? 0) + 1;
        head.SetOrOmit("FirstTime", oldest?.GetInt64("Time"));
    }

    /// <summary>Takes an entry back as if it had never been appended; its name stands for the entry before it of that name again. The head stays as it is.</summary>
    public static void Withdraw(PartitionView view, TimelineRows rows, TableEntity entry)
    {
        if (view.Get(entry.RowKey) is null)
        {
            return;
        }

        view.Delete(entry.RowKey);
        if (entry.GetString("Identity") is not { } name || view.Get(rows.Identity(name)) is not { } identity || identity.GetInt64("Seq") != entry.GetInt64("Seq"))
        {
            return;
        }

        var earlier = (identity.GetString("Earlier") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries);
        if (earlier.Length == 0)
        {
            view.Delete(identity.RowKey);
            return;
        }

        var before = Array.ConvertAll(earlier[0].Split(':'), part => long.Parse(part, System.Globalization.CultureInfo.InvariantCulture));
        var next = identity.Copy();
        (next["Seq"], next["SentTime"], next["Time"], next["At"]) = (before[0], before[1], before[1], before[1] * 1000);
        (next["Digest"], next["Attempt"], next["Earlier"]) = ("", "", string.Concat(earlier.Skip(1).Select(one => one + ";")));
        view.Put(next);
    }

    private static void WriteIdentity(PartitionView view, TimelineRows rows, EntryIdentity identity, AppendedEntry appended, DateTimeOffset now)
    {
        var rowKey = rows.Identity(identity.Name);
        var row = new TableEntity
        {
            RowKey = rowKey,
            ["Seq"] = appended.Sequence,
            ["Time"] = appended.Time,
            ["SentTime"] = appended.SentTime,
            ["At"] = now.ToUnixTimeMilliseconds(),
            ["Digest"] = identity.Digest,
            ["Attempt"] = identity.Attempt,
        };
        if (view.GetUnlikely(rowKey) is not { } previous)
        {
            view.Insert(row);
            return;
        }

        var earlier = $"{previous.GetInt64("Seq")}:{previous.GetInt64("SentTime")};{previous.GetString("Earlier")}";
        row["Earlier"] = earlier.Length <= MaxEarlierCharacters ? earlier : earlier[..earlier.LastIndexOf(';', MaxEarlierCharacters)];
        view.Put(row);
    }
}
