using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using Parley.Storage;
using Parley.Telemetry;

namespace Parley.Delivery;

/// <summary>The calls of the service's REST data plane that Parley makes.</summary>
/// <remarks>Source: the service's contract, api-version 2022-06-01. Connections are kept; each call carries its own token.</remarks>
public sealed class SignalRClient : IDisposable
{
    private const string ApiVersion = "api-version=2022-06-01";
    private const int MaxConnections = 64;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly SignalREndpoint _endpoint;
    private readonly ISignalRAuthorization _authorization;
    private readonly ParleyMetrics _metrics;
    private readonly HttpClient _http;

    public SignalRClient(SignalREndpoint endpoint, ISignalRAuthorization authorization, IOptions<SignalROptions> options, ParleyMetrics metrics)
    {
        _metrics = metrics;
        _endpoint = endpoint;
        _authorization = authorization;
        var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = MaxConnections,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromMilliseconds(options.Value.RequestTimeoutMilliseconds),
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromMilliseconds(options.Value.RequestTimeoutMilliseconds) };
    }

    /// <summary>Sends a message; that nobody is there to hear it is no error.</summary>
    /// <param name="body"><c>{"target":"…","arguments":[…]}</c>, at most 1 MB.</param>
    /// <exception cref="HttpRequestException">The service refused, or could not be reached.</exception>
    public async Task SendAsync(DeliveryTarget target, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        using var request = await RequestAsync(HttpMethod.Post, target, "/:send", cancellation: cancellation);
        request.Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = Json } };
        using var response = await SendAsync("send", request, cancellation);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Closes a connection; one that is closed is no error.</summary>
    /// <param name="reason">For the client's log; what it shall understand is sent before.</param>
    /// <exception cref="HttpRequestException">The service refused, or could not be reached.</exception>
    public async Task CloseConnectionAsync(uint sdkAppId, string connectionId, string reason, CancellationToken cancellation)
    {
        using var request = await RequestAsync(HttpMethod.Delete, DeliveryTarget.Connection(sdkAppId, connectionId), "", $"&reason={Uri.EscapeDataString(reason)}", cancellation: cancellation);
        await IsFoundAsync("close connection", request, cancellation);
    }

    /// <summary>As <see cref="CloseConnectionAsync"/>, of every connection of an account.</summary>
    public async Task CloseAccountAsync(AccountKey account, string reason, CancellationToken cancellation)
    {
        using var request = await RequestAsync(HttpMethod.Post, DeliveryTarget.Account(account), "/:closeConnections", $"&reason={Uri.EscapeDataString(reason)}", cancellation: cancellation);
        using var response = await SendAsync("close account", request, cancellation);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Whether a connection is open.</summary>
    /// <exception cref="HttpRequestException">The service could not be asked.</exception>
    public async Task<bool> ConnectionExistsAsync(uint sdkAppId, string connectionId, CancellationToken cancellation)
    {
        using var request = await RequestAsync(HttpMethod.Head, DeliveryTarget.Connection(sdkAppId, connectionId), cancellation: cancellation);
        return await IsFoundAsync("connection exists", request, cancellation);
    }

    /// <summary>Has an account's devices, now and later, hear what is sent to a group.</summary>
    /// <param name="lifetime">How long, in whole seconds. Without one the service would keep 100 groups of an account at most.</param>
    /// <exception cref="HttpRequestException">The service refused, or could not be reached.</exception>
    public async Task AddToGroupAsync(AccountKey account, string group, TimeSpan lifetime, CancellationToken cancellation)
    {
        using var request = await RequestAsync(
            HttpMethod.Put, DeliveryTarget.Account(account), Group(group), string.Create(CultureInfo.InvariantCulture, $"&ttl={(long)lifetime.TotalSeconds}"), cancellation);
        using var response = await SendAsync("add to group", request, cancellation);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Ends what <see cref="AddToGroupAsync"/> began; an account that is not in the group is no error.</summary>
    public async Task RemoveFromGroupAsync(AccountKey account, string group, CancellationToken cancellation)
    {
        using var request = await RequestAsync(HttpMethod.Delete, DeliveryTarget.Account(account), Group(group), cancellation: cancellation);
        await IsFoundAsync("remove from group", request, cancellation);
    }

    /// <summary>Whether an account's devices hear what is sent to a group.</summary>
    public async Task<bool> IsInGroupAsync(AccountKey account, string group, CancellationToken cancellation)
    {
        using var request = await RequestAsync(HttpMethod.Head, DeliveryTarget.Account(account), Group(group), cancellation: cancellation);
        return await IsFoundAsync("is in group", request, cancellation);
    }

    /// <summary>Has one connection hear what is sent to a group, until it is closed.</summary>
    /// <returns>False when there is no such connection.</returns>
    public async Task<bool> AddConnectionToGroupAsync(uint sdkAppId, string connectionId, string group, CancellationToken cancellation)
    {
        using var request = await RequestAsync(HttpMethod.Put, new DeliveryTarget(sdkAppId, ""), $"{Group(group)}/connections/{Uri.EscapeDataString(connectionId)}", cancellation: cancellation);
        return await IsFoundAsync("add connection to group", request, cancellation);
    }

    /// <summary>Ends what <see cref="AddConnectionToGroupAsync"/> began; a connection that is closed is no error.</summary>
    public async Task RemoveConnectionFromGroupAsync(uint sdkAppId, string connectionId, string group, CancellationToken cancellation)
    {
        using var request = await RequestAsync(HttpMethod.Delete, new DeliveryTarget(sdkAppId, ""), $"{Group(group)}/connections/{Uri.EscapeDataString(connectionId)}", cancellation: cancellation);
        await IsFoundAsync("remove connection from group", request, cancellation);
    }

    /// <summary>Asks whether the service is well. It needs no token.</summary>
    /// <exception cref="HttpRequestException">It is not, or could not be reached.</exception>
    public async Task CheckHealthAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, $"{_endpoint.BaseAddress}/api/health?{ApiVersion}");
        using var response = await SendAsync("check health", request, cancellation);
        response.EnsureSuccessStatusCode();
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> IsFoundAsync(string operation, HttpRequestMessage request, CancellationToken cancellation)
    {
        using var response = await SendAsync(operation, request, cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }

        response.EnsureSuccessStatusCode();
        return true;
    }

    private Task<HttpResponseMessage> SendAsync(string operation, HttpRequestMessage request, CancellationToken cancellation) =>
        _http.SendAsync(operation, request, _metrics, cancellation);

    private static string Group(string group) => $"/groups/{Uri.EscapeDataString(group)}";

    private async ValueTask<HttpRequestMessage> RequestAsync(
        HttpMethod method, DeliveryTarget target, string path = "", string query = "", CancellationToken cancellation = default)
    {
        var url = $"{_endpoint.BaseAddress}/api/hubs/{_endpoint.HubOf(target.SdkAppId)}{target.Path}{path}";
        var token = await _authorization.TokenForCallAsync(url, cancellation);
        return new HttpRequestMessage(method, $"{url}?{ApiVersion}{query}") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }
}
