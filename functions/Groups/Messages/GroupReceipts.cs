using Parley.Callbacks;
using Parley.Delivery;
using Parley.Groups.Callbacks;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>Who has read which messages: sends receipts, and reads what came of them.</summary>
public sealed class GroupReceipts(GroupStore groups, GroupReader reader, Outbox outbox, GroupCallbacks callbacks)
{
    // The message's row and the receipt's.
    private const int AtOnce = GroupStore.RowsAtOnce / 2;

    /// <summary>Whether members' receipts are kept in a group of that size: 10060 when not.</summary>
    public static ApiError? Refuse(Apps.App app, GroupHead head) => head.Members > app.MaxReceiptMembers ? ApiError.GroupTooLargeForReceipts : null;

    /// <summary>Sends a member's receipts; those that were sent before, or that there cannot be, are passed over.</summary>
    /// <returns>How many of the messages have it now.</returns>
    public async Task<int> SendAsync(CallbackCause cause, GroupKey key, GroupSight sight, IReadOnlyList<long> numbers, CancellationToken cancellation)
    {
        var (attempt, found) = (Guid.NewGuid().ToString("N"), 0);
        foreach (var batch in numbers.Chunk(AtOnce))
        {
            var callback = callbacks.Begin(cause, CallbackCommands.AfterGroupReceipts);
            var outcome = await groups.ApplyAsync(key, group => Send(group, sight, batch, attempt, callback), cancellation);
            found += outcome.Found;
            foreach (var told in outcome.New.GroupBy(message => message.From))
            {
                await outbox.SendAsync(new AccountKey(key.SdkAppId, told.Key), ToEvent(key, sight, [.. told]).ToJson());
            }
        }

        return found;
    }

    /// <summary>Whether a message has receipts, and somebody may see them: its sender, and an administrator.</summary>
    public static bool Shows(GroupSight sight, GroupMessage message) =>
        sight.Sees(message) && message.Content.NeedsReadReceipt && !message.IsRecalled && (sight.Member is not { } member || message.From == member.Account);

    /// <summary>Who has sent a receipt for a message, in the order of the keys.</summary>
    public async Task<IReadOnlyList<string>> ReadersAsync(GroupKey key, long number, CancellationToken cancellation)
    {
        var readers = new List<string>();
        await foreach (var row in groups.QueryAsync(key, GroupReceipt.From(number), GroupReceipt.To(number), cancellation, ["PartitionKey", "RowKey"]))
        {
            readers.Add(GroupReceipt.AccountOf(number, row.RowKey));
        }

        return readers;
    }

    /// <summary>Who has not, of those who were there when it was sent, in the order of the keys.</summary>
    public async Task<IReadOnlyList<string>> NonReadersAsync(GroupKey key, GroupMessage message, CancellationToken cancellation)
    {
        var readers = (await ReadersAsync(key, message.Seq, cancellation)).ToHashSet(StringComparer.Ordinal);
        var others = new List<string>();
        await foreach (var row in groups.QueryMembersAsync(key, cancellation))
        {
            var member = GroupMember.FromRow(row);
            if (Counts(message, member) && !readers.Contains(member.Account))
            {
                others.Add(member.Account);
            }
        }

        return others;
    }

    /// <summary>Reads messages by number; those that are not there are left out.</summary>
    public async Task<IReadOnlyDictionary<long, GroupMessage>> FindAsync(GroupKey key, GroupSight sight, IReadOnlyList<long> numbers, CancellationToken cancellation)
    {
        var found = await Task.WhenAll(numbers.Select(number => reader.FindAsync(key, sight, number, cancellation)));
        return found.OfType<GroupMessage>().ToDictionary(message => message.Seq);
    }

    // The message's row guards the receipt's: where it is gone nothing is written.
    private static SentReceipts Send(GroupPartition group, GroupSight sight, long[] numbers, string attempt, AfterCallback? callback)
    {
        var account = sight.Member!.Account;
        var (found, told, taken) = (0, new List<GroupMessage>(), new List<GroupMessage>());
        foreach (var number in numbers)
        {
            if (group.Rows.Get(GroupPartition.Messages.Entry(number)) is not { } row || GroupMessage.FromRow(row) is not { } message || !TakesFrom(sight, message))
            {
                continue;
            }

            found++;
            if (group.Rows.Get(GroupReceipt.RowKeyOf(number, account)) is { } known)
            {
                told.AddRange(GroupReceipt.IsOf(known, attempt) ? [message] : []);
                continue;
            }

            var counted = row.Copy();
            counted[GroupMessage.ReadersColumn] = message.Readers + 1;
            group.Rows.Put(counted);
            group.Rows.Put(GroupReceipt.NewRow(number, account, attempt));
            taken.Add(message with { Readers = message.Readers + 1 });
        }

        if (taken.Count > 0)
        {
            callback?.Append(group, GroupCallbackFields.Of(group.Key, sight.Head, group.Now) with { GroupMsgReceiptList = [.. taken.Select(message => ToTaken(message, account))] });
        }

        told.AddRange(taken);

        return new SentReceipts(found, told);
    }

    private static TakenReceipt ToTaken(GroupMessage message, string account)
    {
        var count = ReceiptCount.Of(message.Seq, message);
        return new TakenReceipt(message.Seq, count.ReadNum, count.UnreadNum, [new NamedMember(account)]);
    }

    private static bool TakesFrom(GroupSight sight, GroupMessage message) =>
        sight.Sees(message) && message.Content.NeedsReadReceipt && !message.IsRecalled && Counts(message, sight.Member!);

    private static bool Counts(GroupMessage message, GroupMember member) =>
        message.From != member.Account && member.JoinSeq < message.Seq && message.IsVisibleTo(member.Account);

    private static GroupEvent ToEvent(GroupKey key, GroupSight sight, IReadOnlyList<GroupMessage> messages) => new()
    {
        Type = GroupEvent.Receipt,
        GroupId = key.GroupId,
        Epoch = sight.Head.Epoch,
        FromAccount = sight.Member!.Account,
        MsgSeqList = [.. messages.Select(message => message.Seq)],
        Content = new RawJson(System.Text.Json.JsonSerializer.Serialize(
            messages.Select(message => ReceiptCount.Of(message.Seq, message)).ToList(), ParleyJson.Wire.IReadOnlyListReceiptCount)),
    };

    private sealed record SentReceipts(int Found, IReadOnlyList<GroupMessage> New);
}
