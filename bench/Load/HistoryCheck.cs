using System.Text.Json.Nodes;
using Parley.Bench.Setup;

namespace Parley.Bench.Load;

/// <summary>Reads back what is stored on the receivers' side and compares it with what was acknowledged.</summary>
/// <param name="Lost">Acknowledged, but not stored.</param>
/// <param name="Duplicates">Stored more than once.</param>
internal sealed record HistoryCheck(int Lost, int Duplicates)
{
    private const int PageSize = 100;

    public static async Task<HistoryCheck> RunAsync(ParleyApi api, IEnumerable<Sender> senders, CancellationToken cancellation)
    {
        var conversations = senders
            .SelectMany(sender => sender.Acknowledged.GroupBy(message => message.Receiver, (receiver, messages) =>
                (From: sender.Account, To: receiver, Keys: messages.Select(message => message.Key).ToList())))
            .ToList();
        var (lost, duplicates) = (0, 0);
        await Parallel.ForEachAsync(
            conversations, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellation }, async (conversation, token) =>
            {
                var stored = await ReadAsync(api, conversation.To, conversation.From, token);
                Interlocked.Add(ref lost, conversation.Keys.Except(stored, StringComparer.Ordinal).Count());
                Interlocked.Add(ref duplicates, stored.Count - stored.Distinct(StringComparer.Ordinal).Count());
            });
        return new HistoryCheck(lost, duplicates);
    }

    private static async Task<List<string>> ReadAsync(ParleyApi api, string owner, string peer, CancellationToken cancellation)
    {
        var keys = new List<string>();
        var request = new JsonObject { ["Operator_Account"] = owner, ["Peer_Account"] = peer, ["MaxCnt"] = PageSize, ["MinTime"] = 0, ["MaxTime"] = int.MaxValue };
        while (true)
        {
            var page = await api.CallAsync("openim", "admin_getroammsg", request, cancellation);
            keys.AddRange(page.GetProperty("MsgList").EnumerateArray().Select(message => message.GetProperty("MsgKey").GetString()!));
            if (page.GetProperty("Complete").GetInt32() == 1)
            {
                return keys;
            }

            request["MaxTime"] = page.GetProperty("LastMsgTime").GetInt64();
            request["LastMsgKey"] = page.GetProperty("LastMsgKey").GetString();
        }
    }
}
