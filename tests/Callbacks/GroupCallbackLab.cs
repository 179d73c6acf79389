using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Callbacks;
using Parley.Groups;
using Parley.Local.SignalRService;
using Parley.Storage;
using Parley.Tests.EndToEnd.Groups;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>A lab whose app has all callbacks of groups switched on, with a SignalR service.</summary>
internal sealed class GroupCallbackLab : IAsyncDisposable
{
    private readonly CallbackLab _lab;
    private readonly SignalRServiceEmulator _signalR;

    private GroupCallbackLab(CallbackLab lab, SignalRServiceEmulator signalR) => (_lab, _signalR) = (lab, signalR);

    public CallbackLab Lab => _lab;

    public CallbackReceiver Receiver => _lab.Receiver;

    public AppInstance Instance => _lab.Instance;

    public static async Task<GroupCallbackLab> StartAsync(AzuriteFixture azurite, Func<App, App>? change = null)
    {
        var signalR = await AppInstance.StartSignalRAsync();
        var names = CallbackCommands.All.Select(command => command.Name).Where(name => name.StartsWith("Group.", StringComparison.Ordinal)).ToList();
        var all = (App app) => app with { CallbackCommands = names };
        return new GroupCallbackLab(await CallbackLab.StartAsync(azurite, signalR.Endpoint, app => change is null ? all(app) : change(all(app))), signalR);
    }

    public async Task<string[]> ImportAsync(params string[] names) => await Task.WhenAll(names.Select(_lab.ImportAsync));

    /// <summary>Calls a command, as the administrator if nothing else is said.</summary>
    public Task<JsonElement> CallAsync(string command, object body, string identifier = "administrator", string service = GroupCalls.Service) =>
        _lab.CallAsync(command, body, identifier, service);

    public async Task<int> CodeAsync(string command, object body, string identifier = "administrator", string service = GroupCalls.Service) =>
        (await CallAsync(command, body, identifier, service)).GetProperty("ErrorCode").GetInt32();

    /// <summary>As <see cref="CallAsync"/>, and the call must succeed.</summary>
    public async Task<JsonElement> DoAsync(string command, object body, string identifier = "administrator", string service = GroupCalls.Service)
    {
        var answer = await CallAsync(command, body, identifier, service);
        Assert.True(answer.GetProperty("ErrorCode").GetInt32() == 0, $"{command}: {answer.GetRawText()}");
        return answer;
    }

    /// <summary>Creates a group; gives its name.</summary>
    public async Task<string> CreateAsync(string type, string? owner, params string[] members)
    {
        var body = new JsonObject { ["Type"] = type, ["Name"] = "Hiking" };
        if (owner is not null)
        {
            body["Owner_Account"] = owner;
        }

        if (members.Length > 0)
        {
            body["MemberList"] = new JsonArray([.. members.Select(member => new JsonObject { ["Member_Account"] = member })]);
        }

        return (await DoAsync("create_group", body.ToJsonString())).GetProperty("GroupId").GetString()!;
    }

    /// <summary>Has all callbacks of a group sent; gives those of a command that came for it, in their order.</summary>
    public async Task<IReadOnlyList<ReceivedCallback>> SentAsync(string group, string command)
    {
        await DrainAsync(group);
        return [.. Receiver.Of(command).Where(callback => callback.Body.TryGetProperty("GroupId", out var id) && id.GetString() == group)];
    }

    /// <summary>The only callback of a command that came for a group.</summary>
    public async Task<ReceivedCallback> OnlyAsync(string group, string command) => Assert.Single(await SentAsync(group, command));

    public async Task DrainAsync(string group)
    {
        var partition = new GroupKey(_lab.App.SdkAppId, group).PartitionKey;
        do
        {
            await _lab.DrainAsync();
        }
        while (await WaitsAsync(partition));
    }

    /// <summary>The body has the command, these fields and the time of the event, and no others.</summary>
    public static void AssertIs(ReceivedCallback callback, JsonObject expected)
    {
        var body = JsonNode.Parse(callback.RawBody)!.AsObject();
        var time = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(body["EventTime"]!.GetValue<string>(), CultureInfo.InvariantCulture));
        Assert.InRange(time, TimeProvider.System.GetUtcNow().AddMinutes(-10), TimeProvider.System.GetUtcNow());
        body.Remove("EventTime");
        var all = (JsonObject)expected.DeepClone();
        all["CallbackCommand"] = callback.Query["CallbackCommand"];
        Assert.True(JsonNode.DeepEquals(all, body), $"Expected {all.ToJsonString()}\nGot      {body.ToJsonString()}");
    }

    public static JsonArray Members(params string[] accounts) =>
        new([.. accounts.Order(StringComparer.Ordinal).Select(account => new JsonObject { ["Member_Account"] = account })]);

    public async ValueTask DisposeAsync()
    {
        await _lab.DisposeAsync();
        await _signalR.DisposeAsync();
    }

    private async Task<bool> WaitsAsync(string partition)
    {
        var (from, to) = (CallbackStream.RowPrefix, CallbackStream.RowEnd);
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey gt {from} and RowKey lt {to}");
        return await Instance.Get<TableStore>().Groups.QueryAsync<TableEntity>(partition, filter, select: ["RowKey"]).GetAsyncEnumerator().MoveNextAsync();
    }
}
