using System.Text.Json;
using Azure.Data.Tables;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Parley.Accounts;
using Parley.Apps;
using Parley.Callbacks;
using Parley.Delivery;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>An app with a receiver of callbacks, on instances inside the test process that share a work queue of the test's own.</summary>
/// <remarks>Its deployment retries soon and leaves a failing receiver alone for short, so that tests do not wait.</remarks>
internal sealed class CallbackLab : IAsyncDisposable
{
    public const string Token = "a token of the tests";

    private static int _names;

    private readonly AzuriteFixture _azurite;
    private readonly (string Name, string Value)[] _settings;
    private readonly Uri _signalR;
    private readonly List<AppInstance> _instances = [];

    private CallbackLab(AzuriteFixture azurite, CallbackReceiver receiver, Uri signalR, (string Name, string Value)[] settings) =>
        (_azurite, Receiver, _signalR, _settings) = (azurite, receiver, signalR, settings);

    public CallbackReceiver Receiver { get; }

    public JobQueue Queue { get; } = new();

    public AppInstance Instance => _instances[0];

    /// <summary>All callbacks of one-to-one messages are switched on, unless the test changes it.</summary>
    public App App { get; private set; } = null!;

    public static Task<CallbackLab> StartAsync(AzuriteFixture azurite, Func<App, App>? change = null, params (string Name, string Value)[] settings) =>
        StartAsync(azurite, new Uri("http://127.0.0.1:1"), change, settings);

    /// <summary>As the other, with a SignalR service.</summary>
    public static async Task<CallbackLab> StartAsync(AzuriteFixture azurite, Uri signalR, Func<App, App>? change = null, params (string Name, string Value)[] settings)
    {
        var receiver = await CallbackReceiver.StartAsync();
        var lab = new CallbackLab(
            azurite, receiver, signalR,
            [("Callbacks:AllowsPrivateAddresses", "true"), ("Callbacks:FirstRetryMilliseconds", "5"), ("Callbacks:CircuitMilliseconds", "50"), .. settings]);
        await lab.AddInstanceAsync();
        var app = (App app) => app with
        {
            CallbackUrl = receiver.Url,
            CallbackToken = Token,
            CallbackCommands = [.. CallbackCommands.All.Select(command => command.Name).Where(name => name.StartsWith("C2C.", StringComparison.Ordinal))],
        };
        lab.App = await lab.Instance.AddAppAsync(before => change is null ? app(before) : change(app(before)));
        return lab;
    }

    /// <summary>Adds an instance beside the others.</summary>
    /// <param name="time">Its clock; the system's if not given.</param>
    /// <param name="more">Settings of its own.</param>
    public async Task<AppInstance> AddInstanceAsync(TimeProvider? time = null, params (string Name, string Value)[] more)
    {
        var instance = await AppInstance.StartAsync(
            _azurite, _signalR, time, services => services.AddSingleton<IWorkQueue>(Queue), [.. _settings, .. more]);
        _instances.Add(instance);
        return instance;
    }

    public AccountKey Key(string account) => new(App.SdkAppId, account);

    public CallbackStream StreamOf(string account) => CallbackStream.Of(Key(account));

    /// <summary>A new account of the app.</summary>
    public async Task<string> ImportAsync(string name)
    {
        var account = $"{name}-{Interlocked.Increment(ref _names)}";
        await Instance.Get<AccountDirectory>().ImportAsync(Key(account), null, null, CancellationToken.None);
        return account;
    }

    /// <summary>Calls a command, of the message service and as the administrator if nothing else is said.</summary>
    public Task<JsonElement> CallAsync(string command, object body, string identifier = "administrator", string service = "openim", AppInstance? instance = null) =>
        (instance ?? Instance).CallAsync(App, service, command, body as string ?? JsonSerializer.Serialize(body), identifier);

    /// <summary>Sends a text message as the administrator in an account's name.</summary>
    /// <returns>Its key.</returns>
    public async Task<string> SendAsync(string from, string to, string text, uint seq = 1, AppInstance? instance = null)
    {
        var answer = await CallAsync("sendmsg", EndToEnd.Messages.Text(from, to, text, seq, seq).ToJsonString(), instance: instance);
        Assert.True(answer.GetProperty("ErrorCode").GetInt32() == 0, answer.GetRawText());
        return answer.GetProperty("MsgKey").GetString()!;
    }

    /// <summary>Has the queue's jobs run, on all instances in turn, until there are none and none of these accounts has callbacks left.</summary>
    public async Task DrainAsync(params string[] accounts)
    {
        var turn = 0;
        Task HandleAsync(HttpContext http) => _instances[Interlocked.Increment(ref turn) % _instances.Count].Get<CallbackFunction>().HandleAsync(http);
        do
        {
            await Queue.RunAsync(TableNames.CallbackQueue, HandleAsync, () => true);
        }
        while (await AnyWaitAsync(accounts));
    }

    /// <summary>The callbacks that wait in an account's stream, by row key.</summary>
    public async Task<IReadOnlyList<string>> WaitingAsync(string account)
    {
        var rows = await StoredRows.OfAsync(await _azurite.ConnectionStringAsync(), Key(account));
        return [.. rows.Where(row => row.StartsWith("accounts/w|", StringComparison.Ordinal))];
    }

    /// <summary>The app's dead callbacks.</summary>
    public async Task<IReadOnlyList<TableEntity>> DeadAsync()
    {
        var dead = new List<TableEntity>();
        var partition = $"callback|{App.SdkAppId}";
        await foreach (var row in Instance.Get<TableStore>().DeadLetters.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {partition}")))
        {
            dead.Add(row);
        }

        return dead;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
        }

        await Receiver.DisposeAsync();
    }

    private async Task<bool> AnyWaitAsync(string[] accounts)
    {
        foreach (var account in accounts)
        {
            if ((await WaitingAsync(account)).Count > 0)
            {
                return true;
            }
        }

        return false;
    }
}
