using System.Text.Json;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Tests.Support;

/// <summary>An end user's long connection, made with the official SignalR client, and the events that it received in order of arrival.</summary>
public sealed class ClientConnection : IAsyncDisposable
{
    /// <summary>How the ids of BChatRooms begin that tests make in the app which they share: every connection hears them, so they are left out of what one received.</summary>
    public const string SharedBroadcast = "broadcast-";

    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly List<JsonElement> _events = [];
    private TaskCompletionSource _changed = NewSignal();

    private ClientConnection(HubConnection hub)
    {
        Hub = hub;
        hub.On<JsonElement>("events", Receive);
        hub.Closed += _ =>
        {
            Signal();
            return Task.CompletedTask;
        };
    }

    /// <summary>For what this class does not offer: invoking the server, waiting for the end of the connection.</summary>
    public HubConnection Hub { get; }

    public IReadOnlyList<JsonElement> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events];
            }
        }
    }

    public static async Task<ClientConnection> StartAsync(
        ApiClient api, string account, HttpTransportType transports = HttpTransportType.WebSockets, string? userSig = null, string? platform = null)
    {
        var sig = Uri.EscapeDataString(userSig ?? api.Sign(account));
        var url = new Uri($"{api.Settings.Api}/client?sdkappid={api.Settings.SdkAppId}&identifier={Uri.EscapeDataString(account)}&usersig={sig}{(platform is null ? "" : $"&platform={platform}")}");
        return await StartAsync(new ClientConnection(new HubConnectionBuilder().WithUrl(url, transports).Build()));
    }

    /// <summary>Connects to the service that an instance inside the test process sends to.</summary>
    internal static Task<ClientConnection> StartAsync(AppInstance instance, AccountKey account)
    {
        var endpoint = instance.Get<SignalREndpoint>();
        var token = instance.Get<SignalRToken>().Create(endpoint.ClientAudience(account.SdkAppId), TimeSpan.FromHours(1), [("asrs.s.uid", account.SignalRUser)]);
        var hub = new HubConnectionBuilder()
            .WithUrl(endpoint.ClientUrl(account.SdkAppId), http => http.AccessTokenProvider = () => Task.FromResult<string?>(token)).Build();
        return StartAsync(new ClientConnection(hub));
    }

    /// <summary>Connects as a guest of the app, without any account.</summary>
    public static Task<ClientConnection> StartGuestAsync(ApiClient api)
    {
        var url = new Uri($"{api.Settings.Api}/client?sdkappid={api.Settings.SdkAppId}&guest=1");
        return StartAsync(new ClientConnection(new HubConnectionBuilder().WithUrl(url).Build()));
    }

    private static async Task<ClientConnection> StartAsync(ClientConnection connection)
    {
        try
        {
            await connection.Hub.StartAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The first event that matches, among those received or still to come.</summary>
    /// <exception cref="TimeoutException">None came; the message holds what did.</exception>
    public async Task<JsonElement> WaitForAsync(Func<JsonElement, bool> matches, TimeSpan? deadline = null) =>
        (await WaitForCountAsync(1, matches, deadline))[0];

    /// <summary>Waits until so many events match, and gives all that do in order of arrival.</summary>
    /// <exception cref="TimeoutException">Fewer came; the message holds what did.</exception>
    public async Task<IReadOnlyList<JsonElement>> WaitForCountAsync(int count, Func<JsonElement, bool> matches, TimeSpan? deadline = null)
    {
        using var time = new CancellationTokenSource(deadline ?? DefaultDeadline);
        while (true)
        {
            var changed = Changed();
            var found = Events.Where(matches).ToList();
            if (found.Count >= count)
            {
                return found;
            }

            if (time.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"{found.Count} of {count} events arrived; connection {Hub.State}. The last of all {Events.Count}: {string.Join('\n', Events.TakeLast(20))}");
            }

            await changed.WaitAsync(time.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public ValueTask DisposeAsync() => Hub.DisposeAsync();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task Changed()
    {
        lock (_lock)
        {
            return _changed.Task;
        }
    }

    private void Receive(JsonElement events)
    {
        lock (_lock)
        {
            _events.AddRange(events.EnumerateArray().Where(told =>
                !told.TryGetProperty("GroupId", out var group) || !group.GetString()!.StartsWith(SharedBroadcast, StringComparison.Ordinal)));
        }

        Signal();
    }

    private void Signal()
    {
        lock (_lock)
        {
            _changed.TrySetResult();
            _changed = NewSignal();
        }
    }
}
