using System.Text.Json;
using Azure.Data.Tables;
using Parley.Activity;
using Parley.Messages;
using Parley.Storage;

namespace Parley.History;

/// <summary>Finds the one-to-one messages of an hour, by the times in their keys, in the copies of those who have some.</summary>
/// <remarks>
/// The receiver's copy counts, and the sender's where the receiver has deleted its own. What neither has any more, or was recalled, has no content left.
/// </remarks>
internal sealed class C2CHistory(TableStore tables)
{
    private static readonly string[] KeyColumns = ["MsgSeq", "MsgRandom", "SentTime", "Outgoing", StoredMessage.RecalledColumn, StoredMessage.DeletedColumn, ConversationChange.Column];

    /// <summary>Adds what an account has to a file.</summary>
    public async Task AddAsync(HistoryFileWriter file, ActiveHour hour, string owner, CancellationToken cancellation)
    {
        var account = new AccountKey(hour.SdkAppId, KeyText.Unescape(owner));
        var sent = new List<(string Peer, StoredMessage Message)>();
        await foreach (var row in QueryAsync(account, hour, "m|", "m}", null, cancellation))
        {
            var peer = row.RowKey.Split('|')[1];
            if (!HasContent(row))
            {
                continue;
            }

            var message = StoredMessage.FromRow(row);
            if (!message.IsOutgoing)
            {
                Add(file, KeyText.Unescape(peer), account.Account, message);
            }
            else if (peer == owner)
            {
                Add(file, account.Account, account.Account, message);
            }
            else
            {
                sent.Add((peer, message));
            }
        }

        foreach (var conversation in sent.GroupBy(item => item.Peer, item => item.Message))
        {
            var receiver = new AccountKey(hour.SdkAppId, KeyText.Unescape(conversation.Key));
            var received = await ReceivedAsync(receiver, owner, hour, cancellation);
            foreach (var message in conversation.Where(message => !received.Contains(message.Key)))
            {
                Add(file, account.Account, receiver.Account, message);
            }
        }
    }

    private async Task<HashSet<MessageKey>> ReceivedAsync(AccountKey receiver, string sender, ActiveHour hour, CancellationToken cancellation)
    {
        var keys = new HashSet<MessageKey>();
        await foreach (var row in QueryAsync(receiver, hour, $"m|{sender}|", $"m|{sender}}}", KeyColumns, cancellation))
        {
            if (HasContent(row) && row.GetBoolean("Outgoing") != true)
            {
                keys.Add(StoredMessage.FromRow(row).Key);
            }
        }

        return keys;
    }

    private Azure.AsyncPageable<TableEntity> QueryAsync(AccountKey owner, ActiveHour hour, string from, string to, string[]? columns, CancellationToken cancellation)
    {
        var (partition, start, end) = (owner.PartitionKey, hour.Hour.Start, hour.Hour.End);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {from} and RowKey lt {to} and SentTime ge {start} and SentTime lt {end}");
        return tables.ScanOf(TableNames.Accounts).QueryAsync<TableEntity>(partition, filter, select: columns, cancellationToken: cancellation);
    }

    private static bool HasContent(TableEntity row) =>
        !ConversationChange.IsChange(row) && !StoredMessage.IsDeleted(row) && row.GetBoolean(StoredMessage.RecalledColumn) != true;

    private static void Add(HistoryFileWriter file, string from, string to, StoredMessage message) => file.Add(json =>
    {
        json.WriteString("From_Account", from);
        json.WriteString("To_Account", to);
        json.WriteNumber("MsgTimestamp", message.Key.MsgTime);
        json.WriteNumber("MsgSeq", message.Key.MsgSeq);
        json.WriteNumber("MsgRandom", message.Key.MsgRandom);
        json.WriteString("MsgKey", message.Key.ToString());
        WriteContent(json, message.Content);
    });

    internal static void WriteContent(Utf8JsonWriter json, MessageContent content)
    {
        json.WritePropertyName("MsgBody");
        json.WriteRawValue(content.MsgBody.Text);
        if (content.CloudCustomData is { } data)
        {
            json.WriteString("CloudCustomData", data);
        }
    }
}
