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

/// <summary>Where an entry was put.</summary>
/// <param name="Sequence">Its number, dense from 1.</param>
/// <param name="Time">Unix seconds; never less than that of the entry before it.</param>
/// <param name="SentTime">Unix seconds; the part of the entry's key that names its time, the same in every copy.</param>
/// <param name="IsDuplicate">It was there before; nothing was written.</param>
/// <param name="CreatedTimeline">It is the first of its timeline.</param>
public sealed record AppendedEntry(long Sequence, long Time, long SentTime, bool IsDuplicate, bool CreatedTimeline);

/// <summary>
/// A timeline: a head row that counts, and entries with dense sequence numbers. Appending writes head (guarded by its version),
/// entry and identity row in one transaction, so a number is given once and an entry is accepted once.
/// </summary>
/// <remarks>
/// Head: LastSeq, LastTime, FirstSeq (oldest kept), FirstTime (its time), and whatever the owner of the timeline keeps beside.
/// Entry: Seq, Time, SentTime, Identity, and the owner's own. Identity: Seq, SentTime, At (ms), Digest, Attempt of the latest use of the
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

        var age = now - DateTimeOffset.FromUnixTimeMilliseconds(known.GetInt64("At") ?? 0);
        var own = known.GetString("Attempt") == identity.Attempt;
        var duplicate = own || age < SameName || (age < SameContent && known.GetString("Digest") == identity.Digest);
        return duplicate
            ? new AppendedEntry(known.GetInt64("Seq") ?? 0, known.GetInt64("Time") ?? 0, known.GetInt64("SentTime") ?? 0, !own, false)
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
        var next = head is null ? new TableEntity { RowKey = rows.Head, ["FirstSeq"] = 1L } : new TableEntity(head);
        var sequence = (next.GetInt64("LastSeq") ?? 0) + 1;
        var time = Math.Max(sentTime, next.GetInt64("LastTime") ?? 0);
        var appended = new AppendedEntry(sequence, time, sentTime, IsDuplicate: false, CreatedTimeline: head is null);

        next["LastSeq"] = sequence;
        next["LastTime"] = time;
        next["FirstTime"] = next.GetInt64("FirstTime") ?? time;
        updateHead(next, appended);
        view.Put(next);

        entry.RowKey = rows.Entry(sequence);
        entry["Seq"] = sequence;
        entry["Time"] = time;
        entry["SentTime"] = sentTime;
        entry["Identity"] = identity.Name;
        view.Insert(entry);

        WriteIdentity(view, rows, identity, appended, now);
        return appended;
    }

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
