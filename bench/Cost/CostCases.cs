using System.Text.Json.Nodes;
using Parley.Bench.Setup;

namespace Parley.Bench.Cost;

/// <summary>The cases, with the targets of the design (section 8). All accounts exist, and but for one case the instance has seen them.</summary>
/// <param name="messages">Calls to make in a case.</param>
internal sealed class CostCases(ParleyApi api, FreshInstance fresh, int messages)
{
    private const int BatchReceivers = 100;
    private const int MostFresh = 5;

    // Numbers of calls within a case start at 1, and no two messages of a conversation may share one.
    private const uint Warming = 1_000_000;

    // Keys of what SendBefore has sent.
    private readonly List<string> _sent = [];

    public IEnumerable<CostCase> All()
    {
        yield return new CostCase("steady state", Warm("s"), Send("s"), messages, 1, 2, 1);
        yield return new CostCase("first of a conversation", Import("n", messages), SendToNew("n"), messages, 1, 3, 1);
        yield return new CostCase("first of a fresh instance", Warm("f"), SendFresh("f"), Math.Min(messages, MostFresh), 1, null, 1);
        yield return new CostCase("SyncOtherMachine 1", Warm("y"), Send("y", ("SyncOtherMachine", 1)), messages, 1, 2, 2);
        yield return new CostCase("SyncOtherMachine 2", Warm("x"), Send("x", ("SyncOtherMachine", 2)), messages, 1, 1, 1);
        yield return new CostCase("batchsendmsg, 100 receivers", WarmBatch("b"), SendBatch("b"), messages, BatchReceivers, 2, 1);
        yield return new CostCase("online only", Warm("o"), Send("o", ("OnlineOnlyFlag", 1)), messages, 1, 0, 1);
        yield return new CostCase("duplicate", SendBefore("d"), Send("d"), messages, 1, null, 0);
        yield return new CostCase("mark read", SendBeforeToEach("r"), MarkRead("r"), messages, 1, 1, 1);
        yield return new CostCase("recall", SendBefore("w"), Recall("w"), messages, 1, null, 2);
    }

    private static string Sender(string name) => $"{name}-sender";

    private static string Receiver(string name, uint number = 0) => $"{name}-receiver-{number}";

    private static IEnumerable<string> Receivers(string name, int count) => Enumerable.Range(1, count).Select(number => Receiver(name, (uint)number));

    private Func<uint, CancellationToken, Task> Send(string name, params (string Name, JsonNode Value)[] options) => (number, cancellation) =>
    {
        var message = ParleyApi.Message(Sender(name), Receiver(name), number);
        foreach (var (option, value) in options)
        {
            message[option] = value.DeepClone();
        }

        return api.SendAsync(message, cancellation);
    };

    private Func<uint, CancellationToken, Task> SendToNew(string name) => (number, cancellation) =>
        api.SendAsync(ParleyApi.Message(Sender(name), Receiver(name, number), number), cancellation);

    private Func<uint, CancellationToken, Task> SendFresh(string name) => (number, cancellation) =>
        fresh.SendAsync(ParleyApi.Message(Sender(name), Receiver(name), number), cancellation);

    private Func<uint, CancellationToken, Task> MarkRead(string name) => (number, cancellation) => api.CallAsync(
        "openim", "admin_set_msg_read", new JsonObject { ["Report_Account"] = Receiver(name, number), ["Peer_Account"] = Sender(name) }, cancellation);

    private Func<uint, CancellationToken, Task> Recall(string name) => (number, cancellation) => api.CallAsync(
        "openim", "admin_msgwithdraw",
        new JsonObject { ["From_Account"] = Sender(name), ["To_Account"] = Receiver(name), ["MsgKey"] = _sent[(int)number - 1] }, cancellation);

    private Func<uint, CancellationToken, Task> SendBatch(string name) => (number, cancellation) =>
    {
        var to = ParleyApi.Names(Receivers(name, BatchReceivers));
        return api.CallAsync("openim", "batchsendmsg", ParleyApi.Message(Sender(name), to, number), cancellation);
    };

    private Func<CancellationToken, Task> Import(string name, int receivers) => async cancellation =>
    {
        await api.ImportAsync([Sender(name), Receiver(name), .. Receivers(name, receivers)], cancellation);

        // The sender has talked to somebody before.
        await Send(name)(Warming, cancellation);
    };

    private Func<CancellationToken, Task> Warm(string name) => Import(name, 0);

    private Func<CancellationToken, Task> WarmBatch(string name) => async cancellation =>
    {
        await Import(name, BatchReceivers)(cancellation);
        await SendBatch(name)(Warming, cancellation);
    };

    private Func<CancellationToken, Task> SendBefore(string name) => async cancellation =>
    {
        await Warm(name)(cancellation);
        _sent.Clear();
        for (var number = 1u; number <= messages; number++)
        {
            _sent.Add(await api.SendAsync(ParleyApi.Message(Sender(name), Receiver(name), number), cancellation));
        }
    };

    private Func<CancellationToken, Task> SendBeforeToEach(string name) => async cancellation =>
    {
        await Import(name, messages)(cancellation);
        for (var number = 1u; number <= messages; number++)
        {
            await SendToNew(name)(number, cancellation);
        }
    };
}
