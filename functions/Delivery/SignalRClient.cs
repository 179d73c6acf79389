using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace Parley.Delivery;

/// <summary>The calls of the service's REST data plane that Parley makes.</summary>
/// <remarks>Source: the service's contract, api-version 2022-06-01. Connections are kept; each call carries its own token.</remarks>
public sealed class SignalRClient : IDisposable
{
    private const string ApiVersion = "api-version=2022-06-01";
    private const int MaxConnections = 64;

    private static readonly TimeSpan TokenLifetime = TimeSpan.FromMinutes(5);
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly SignalREndpoint _endpoint;
    private readonly SignalRToken _tokens;
    private readonly HttpClient _http;

    public SignalRClient(SignalREndpoint endpoint, SignalRToken tokens, IOptions<SignalROptions> options)
    {
        _endpoint = endpoint;
        _tokens = tokens;
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

    /// <summary>Sends a message to every connection of a user; one who has none is no error.</summary>
    /// <param name="body"><c>{"target":"…","arguments":[…]}</c>, at most 1 MB.</param>
    /// <exception cref="HttpRequestException">The service refused, or could not be reached.</exception>
    public Task SendToUserAsync(string user, ReadOnlyMemory<byte> body, CancellationToken cancellation) => SendAsync(User(user), body, cancellation);

    /// <summary>As <see cref="SendToUserAsync"/>, to one connection; one that is closed is no error.</summary>
    public Task SendToConnectionAsync(string connectionId, ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        SendAsync(Connection(connectionId), body, cancellation);

    /// <summary>Closes a connection; one that is closed is no error.</summary>
    /// <param name="reason">For the client's log; what it shall understand is sent before.</param>
    /// <exception cref="HttpRequestException">The service refused, or could not be reached.</exception>
    public async Task CloseConnectionAsync(string connectionId, string reason, CancellationToken cancellation)
    {
        using var request = Request(HttpMethod.Delete, Connection(connectionId), $"&reason={Uri.EscapeDataString(reason)}");
        using var response = await _http.SendAsync(request, cancellation);
        if (response.StatusCode != HttpStatusCode.NotFound)
        {
            response.EnsureSuccessStatusCode();
        }
    }

    /// <summary>As <see cref="CloseConnectionAsync"/>, of every connection of a user.</summary>
    public async Task CloseUserAsync(string user, string reason, CancellationToken cancellation)
    {
        using var request = Request(HttpMethod.Post, $"{User(user)}/:closeConnections", $"&reason={Uri.EscapeDataString(reason)}");
        using var response = await _http.SendAsync(request, cancellation);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Whether a connection is open.</summary>
    /// <exception cref="HttpRequestException">The service could not be asked.</exception>
    public async Task<bool> ConnectionExistsAsync(string connectionId, CancellationToken cancellation)
    {
        using var request = Request(HttpMethod.Head, Connection(connectionId));
        using var response = await _http.SendAsync(request, cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }

        response.EnsureSuccessStatusCode();
        return true;
    }

    public void Dispose() => _http.Dispose();

    private async Task SendAsync(string target, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        using var request = Request(HttpMethod.Post, $"{target}/:send");
        request.Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = Json } };
        using var response = await _http.SendAsync(request, cancellation);
        response.EnsureSuccessStatusCode();
    }

    private string User(string user) => $"/api/hubs/{_endpoint.Hub}/users/{Uri.EscapeDataString(user)}";

    private string Connection(string connectionId) => $"/api/hubs/{_endpoint.Hub}/connections/{Uri.EscapeDataString(connectionId)}";

    private HttpRequestMessage Request(HttpMethod method, string path, string query = "")
    {
        var url = $"{_endpoint.BaseAddress}{path}";
        var request = new HttpRequestMessage(method, $"{url}?{ApiVersion}{query}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _tokens.Create(url, TokenLifetime));
        return request;
    }
}
