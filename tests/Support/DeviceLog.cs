using System.Text.Json;

namespace Parley.Tests.Support;

/// <summary>A message as a device shows it.</summary>
public sealed record ShownMessage(string MsgKey, string From, string Text, string CustomData, bool IsRecalled, bool IsPeerRead, bool CountsAsUnread);

/// <summary>
/// What a device keeps of one conversation, by the rules of docs/client-protocol.md: entries by number, in any order and any number of
/// times; up to which number it has everything; and what its user sees.
/// </summary>
public sealed class DeviceLog
{
    private readonly Dictionary<long, JsonElement> _entries = [];
    private readonly HashSet<long> _gone = [];

    /// <summary>Everything up to this number is here, or known to be gone.</summary>
    public long UpTo { get; private set; }

    /// <summary>Takes an entry that was heard or pulled.</summary>
    public void Add(JsonElement entry)
    {
        _entries[entry.GetProperty("Seq").GetInt64()] = entry;
        Advance();
    }

    /// <summary>Takes a piece of the log that was pulled: what is missing in it is gone.</summary>
    public void AddPiece(long from, long upTo, IEnumerable<JsonElement> entries)
    {
        for (var seq = UpTo + 1; seq <= upTo; seq++)
        {
            _gone.Add(seq);
        }

        foreach (var entry in entries)
        {
            Add(entry);
        }

        Advance();
        Assert.True(UpTo >= upTo, $"a piece from {from} to {upTo} left the device at {UpTo}");
    }

    /// <summary>Whether something is missing before what is here.</summary>
    public bool HasGap => _entries.Keys.Any(seq => seq > UpTo);

    /// <summary>The messages in order, as far as everything is here; with ReadSeq and what the device counts as unread.</summary>
    public (IReadOnlyList<ShownMessage> Messages, long ReadSeq, long Unread) Show(string owner)
    {
        var shown = new SortedDictionary<long, ShownMessage>();
        var read = 0L;
        foreach (var (seq, entry) in _entries.Where(entry => entry.Key <= UpTo).OrderBy(entry => entry.Key))
        {
            switch (Text(entry, "Type"))
            {
                case "C2CMessage":
                    shown[seq] = ToMessage(entry);
                    break;
                case "C2CRecall":
                    Change(shown, entry, message => message with { Text = "", CustomData = "", IsRecalled = true });
                    break;
                case "C2CModify":
                    Change(shown, entry, message => message.IsRecalled ? message : message with { Text = Body(entry), CustomData = Text(entry, "CloudCustomData") });
                    break;
                case "C2CDelete":
                    Targets(entry).ForEach(target => shown.Remove(target));
                    break;
                case "C2CReceipt":
                    Targets(entry).Where(shown.ContainsKey).ToList().ForEach(target => shown[target] = shown[target] with { IsPeerRead = true });
                    break;
                case "C2CRead":
                    read = Math.Max(read, entry.GetProperty("ReadSeq").GetInt64());
                    Assert.True(entry.GetProperty("UnreadMsgNum").GetInt64() >= 0);
                    break;
                case "C2CConversationDelete":
                    read = Math.Max(read, seq);
                    if (entry.TryGetProperty("ClearRamble", out _))
                    {
                        shown.Clear();
                    }

                    break;
            }
        }

        var unread = shown.Count(item => item.Key > read && item.Value.From != owner && item.Value is { CountsAsUnread: true, IsRecalled: false });
        return ([.. shown.Values], read, unread);
    }

    private static void Change(SortedDictionary<long, ShownMessage> shown, JsonElement entry, Func<ShownMessage, ShownMessage> change)
    {
        var target = entry.GetProperty("TargetSeq").GetInt64();
        if (shown.TryGetValue(target, out var message))
        {
            shown[target] = change(message);
        }
    }

    private void Advance()
    {
        while (_entries.ContainsKey(UpTo + 1) || _gone.Contains(UpTo + 1))
        {
            UpTo++;
        }
    }

    private static ShownMessage ToMessage(JsonElement entry)
    {
        var recalled = entry.TryGetProperty("MsgFlagBits", out var flags) && flags.GetInt32() == 8;
        return new ShownMessage(
            Text(entry, "MsgKey"), Text(entry, "From_Account"), recalled ? "" : Body(entry), recalled ? "" : Text(entry, "CloudCustomData"), recalled,
            entry.TryGetProperty("IsPeerRead", out _), !entry.TryGetProperty("NoUnread", out _));
    }

    private static List<long> Targets(JsonElement entry) => [.. entry.GetProperty("Targets").EnumerateArray().Select(target => target.GetProperty("Seq").GetInt64())];

    private static string Body(JsonElement entry) => entry.GetProperty("MsgBody")[0].GetProperty("MsgContent").GetProperty("Text").GetString()!;

    private static string Text(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) ? value.GetString()! : "";
}
