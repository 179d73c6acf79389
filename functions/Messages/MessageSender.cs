using Azure.Data.Tables;
using Parley.Accounts;
using Parley.Activity;
using Parley.Apps;
using Parley.Delivery;
using Parley.Rest;
using Parley.Statistics;
using Parley.Storage;

namespace Parley.Messages;

/// <summary>
/// Sends a one-to-one message: one transaction in the receiver's partition, one in the sender's, then delivery.
/// The message counts as sent when both are stored; until then the sender gets an error and may repeat the call, which
/// stores and delivers what is missing and nothing twice.
/// </summary>
/// <remarks>
/// Both sides know the message by the same key. Each side's copy keeps its own order: if one already holds a later time (a clock of
/// another instance was ahead), the message's time in that copy is raised to it and the key stays.
/// A caller that leaves does not stop what has begun: half a message would be worse than one that nobody waited for.
/// </remarks>
public sealed class MessageSender(
    AccountDirectory accounts, ConversationTable conversations, ConversationTrimming trimming, RecentDeliveries deliveries, ReceiverChecks checks, Outbox outbox,
    MessageCallbacks callbacks, DailyStatistics statistics, ActiveHours activity, TimeProvider time)
{
    /// <summary>Gives a message the key that it will have, unless a copy of it was stored before.</summary>
    public OutgoingMessage WithKey(App app, OutgoingMessage message)
    {
        var (from, to) = (new AccountKey(app.SdkAppId, message.From), new AccountKey(app.SdkAppId, message.To));
        return message with
        {
            MsgSeq = message.MsgSeq ?? MessageKey.RandomMsgSeq(),
            MsgTime = message.MsgTime ?? NotBefore(time.GetUtcNow().ToUnixTimeSeconds(), from, to),
        };
    }

    /// <summary>Whether the sender is an account; an administrator becomes one.</summary>
    public Task<bool> SenderExistsAsync(App app, OutgoingMessage message, CancellationToken cancellation) =>
        SenderExistsAsync(app, new AccountKey(app.SdkAppId, message.From), cancellation);

    /// <summary>Sends a message.</summary>
    /// <returns>Its key; 20003 for an unknown sender, 90012 for an unknown receiver or the receiver's objection, who gets nothing then.</returns>
    /// <exception cref="Exception">Storage failed; the message may be stored on one side, on both, or on none.</exception>
    public async Task<Result<MessageKey>> SendAsync(App app, OutgoingMessage message, CancellationToken cancellation)
    {
        var from = new AccountKey(app.SdkAppId, message.From);
        var to = new AccountKey(app.SdkAppId, message.To);
        if (!await SenderExistsAsync(app, from, cancellation))
        {
            return ApiError.UnknownSender;
        }

        var now = time.GetUtcNow();
        message = WithKey(app, message);
        var key = message.Key;
        if (message.IsOnlineOnly)
        {
            return await SendOnlineOnlyAsync(app, message, from, to, key, cancellation);
        }

        var attempt = Guid.NewGuid().ToString("N");
        Action<PartitionView>? callback = message.Callback is null ? null : view => MessageCallbacks.Append(view, message.Callback, message);
        var outgoing = new NewMessage(key, true, message.Content, attempt, now, CountsAsUnread: false, message.IsShownLast);
        var incoming = outgoing with
        {
            IsOutgoing = false,
            CountsAsUnread = message.CountsAsUnread,
            OnStored = callback,
            ExpiresAt = message.LifeTime is { } lifeTime ? key.MsgTime + (long)lifeTime.TotalSeconds : null,
        };
        return from == to
            ? await SendToSelfAsync(app, message, from, outgoing with { OnStored = callback })
            : await SendToOtherAsync(app, message, from, to, outgoing, incoming);
    }

    private async Task<Result<MessageKey>> SendToOtherAsync(
        App app, OutgoingMessage message, AccountKey from, AccountKey to, NewMessage outgoing, NewMessage incoming)
    {
        if (!(await StoreAsync(app, message, from, to, outgoing, incoming)).TryGet(out var stored, out var error))
        {
            return error;
        }

        var (received, sent) = stored;
        var key = outgoing.Key with { MsgTime = Math.Min(received.SentTime, sent?.SentTime ?? long.MaxValue) };
        await DeliverAsync(message, key, to, message.From, received);
        if (sent is not null && message.SenderCopy == SenderCopy.StoredAndPushed)
        {
            await DeliverAsync(message, key, from, message.To, sent);
        }

        CountIfNew(from, received, sent);
        trimming.TrimBeside(app, to, from.Account, received.OldestTime);
        trimming.TrimBeside(app, from, to.Account, sent?.OldestTime);
        await AgreeOnKeyAsync(from, to, outgoing with { Key = key }, incoming with { Key = key }, received, sent);
        await activity.NoteAsync(app, ChatType.C2C, key.MsgTime, to.Account, sent is null ? null : from.Account);
        return key;
    }

    // Both at once where both sides know the conversation. Else the receiver first: if it does not exist, or has an objection, nothing may be written.
    private async Task<Result<(AppendedEntry Received, AppendedEntry? Sent)>> StoreAsync(
        App app, OutgoingMessage message, AccountKey from, AccountKey to, NewMessage outgoing, NewMessage incoming)
    {
        var check = CheckOf(app, message);
        var receiverKnows = conversations.TryPeek(to, from.Account, out _);
        var isSure = receiverKnows && (check is null || (!app.RequiresFriendship && !conversations.IsLikelyBlocked(to, from.Account)));
        var isNew = message.SenderCopy != SenderCopy.None && !receiverKnows
            && !conversations.TryPeek(from, to.Account, out _) && !await conversations.ExistsAsync(from, to.Account, CancellationToken.None);
        var receiving = conversations.AppendAsync(to, from.Account, incoming, isNew, check, CancellationToken.None);
        if (message.SenderCopy == SenderCopy.None || (!isSure && ObjectionOf(await receiving) is not null))
        {
            var alone = await receiving;
            return ObjectionOf(alone) is { } objection ? objection : (alone.Value!, null);
        }

        var sending = conversations.AppendAsync(from, to.Account, outgoing, isNew, CancellationToken.None);
        await Task.WhenAll(receiving, sending);
        return await AgreeAsync(from, to, await receiving, await sending);
    }

    private async Task<Result<(AppendedEntry Received, AppendedEntry? Sent)>> AgreeAsync(
        AccountKey from, AccountKey to, Result<AppendedEntry?> received, AppendedEntry? sent)
    {
        if (received.Error is not null && sent is { Relation: EntryRelation.New })
        {
            // This instance did not know of the objection yet.
            await conversations.TakeBackAsync(from, to.Account, sent.Sequence, CancellationToken.None);
        }

        if (sent is null && received.Error is null && received.Value is { Relation: EntryRelation.New } incoming)
        {
            // Nor that the sender was deleted.
            await conversations.TakeBackAsync(to, from.Account, incoming.Sequence, CancellationToken.None);
        }

        return ObjectionOf(received) is { } objection ? objection
            : sent is null ? ApiError.UnknownSender
            : (received.Value!, sent);
    }

    private static ApiError? ObjectionOf(Result<AppendedEntry?> received) => received.Error ?? (received.Value is null ? ApiError.ReceiverNotImported : null);

    // Null when nobody may object.
    private Func<PartitionView, TableEntity?, ApiError?>? CheckOf(App app, OutgoingMessage message) =>
        message.IsChecked && message.From != message.To ? (view, head) => checks.Check(app, view, head, message.From) : null;

    // Only after a crash or a lost answer: the copies were made by different attempts. The earlier key stays.
    private async Task AgreeOnKeyAsync(
        AccountKey from, AccountKey to, NewMessage outgoing, NewMessage incoming, AppendedEntry received, AppendedEntry? sent)
    {
        if (received.SentTime != incoming.Key.MsgTime)
        {
            await conversations.AdoptTimeAsync(to, from.Account, incoming, received.Sequence, CancellationToken.None);
        }

        if (sent is not null && sent.SentTime != outgoing.Key.MsgTime)
        {
            await conversations.AdoptTimeAsync(from, to.Account, outgoing, sent.Sequence, CancellationToken.None);
        }
    }

    private async Task<Result<MessageKey>> SendToSelfAsync(App app, OutgoingMessage message, AccountKey self, NewMessage outgoing)
    {
        var stored = await conversations.AppendAsync(self, self.Account, outgoing, isLikelyNew: false, CancellationToken.None);
        if (stored is null)
        {
            return ApiError.UnknownSender;
        }

        var key = outgoing.Key with { MsgTime = stored.SentTime };
        await DeliverAsync(message, key, self, self.Account, stored);
        CountIfNew(self, stored);
        trimming.TrimBeside(app, self, self.Account, stored.OldestTime);
        await activity.NoteAsync(app, ChatType.C2C, key.MsgTime, self.Account);
        return key;
    }

    // A call that failed half-way was not counted: of its repetition one side is new.
    private void CountIfNew(AccountKey from, params ReadOnlySpan<AppendedEntry?> copies)
    {
        foreach (var copy in copies)
        {
            if (copy?.Relation == EntryRelation.New)
            {
                statistics.MessageSentUp(from.SdkAppId, MessageKind.C2C, from.Account);
                return;
            }
        }
    }

    /// <summary>Tells an account's devices of a message in its copy, unless this instance has done so before.</summary>
    public async ValueTask DeliverAsync(OutgoingMessage message, MessageKey key, AccountKey owner, string peer, AppendedEntry stored)
    {
        if (stored.Relation != EntryRelation.SameNameOnly && deliveries.TryBegin(owner, peer, stored.Sequence))
        {
            statistics.MessagesSentDown(owner.SdkAppId, MessageKind.C2C, 1);
            await outbox.SendAsync(owner, ToEvent(owner, message, key, peer, stored));
        }
    }

    private async Task<Result<MessageKey>> SendOnlineOnlyAsync(
        App app, OutgoingMessage message, AccountKey from, AccountKey to, MessageKey key, CancellationToken cancellation)
    {
        if (!await accounts.ExistsAsync(to, cancellation))
        {
            return ApiError.ReceiverNotImported;
        }

        if (CheckOf(app, message) is { } check
            && await conversations.CheckAsync(to, message.From, check, isHeadEnough: !app.RequiresFriendship, cancellation) is { } objection)
        {
            return objection;
        }

        await callbacks.AppendAsync(to, message);
        statistics.MessageSentUp(from.SdkAppId, MessageKind.C2C, from.Account);
        statistics.MessagesSentDown(to.SdkAppId, MessageKind.C2C, 1);
        await outbox.SendAsync(to, ToEvent(to, message, key, message.From, null));
        if (message.SenderCopy == SenderCopy.StoredAndPushed && from != to)
        {
            statistics.MessagesSentDown(from.SdkAppId, MessageKind.C2C, 1);
            await outbox.SendAsync(from, ToEvent(from, message, key, message.To, null));
        }

        return key;
    }

    // An administrator need not have been imported: the app's settings name it.
    private async Task<bool> SenderExistsAsync(App app, AccountKey from, CancellationToken cancellation)
    {
        if (await accounts.ExistsAsync(from, cancellation))
        {
            return true;
        }

        if (app.IsAdmin(from.Account))
        {
            await accounts.ImportAsync(from, null, null, cancellation);
            return true;
        }

        return false;
    }

    // Instances' clocks differ; what this one knows of the conversation already holds the others' times.
    private long NotBefore(long now, AccountKey from, AccountKey to)
    {
        conversations.TryPeek(from, to.Account, out var sent);
        conversations.TryPeek(to, from.Account, out var received);
        return Math.Max(now, Math.Max(sent, received));
    }

    private byte[] ToEvent(AccountKey hearer, OutgoingMessage message, MessageKey key, string peer, AppendedEntry? stored) => new C2CEvent
    {
        Type = C2CEvent.Message,
        Timeline = stored is null ? null : C2CEvent.TimelineOf(peer),
        Seq = stored?.Sequence,
        FromAccount = message.From,
        FromNick = accounts.PeekNick(hearer with { Account = message.From }),
        ToAccount = message.To,
        MsgSeq = key.MsgSeq,
        MsgRandom = key.MsgRandom,
        MsgTimeStamp = stored?.Time ?? key.MsgTime,
        MsgKey = key.ToString(),
        MsgBody = message.Content.MsgBody,
        CloudCustomData = message.Content.CloudCustomData,
        OnlineOnlyFlag = stored is null ? 1 : null,
        IsNeedReadReceipt = message.Content.NeedsReadReceipt ? 1 : null,
        SupportMessageExtension = message.Content.SupportsExtension ? 1 : null,
        NoUnread = stored is not null && peer == message.From && !message.CountsAsUnread ? 1 : null,
    }.ToJson();
}
