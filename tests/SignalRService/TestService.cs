using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Parley.Local.SignalRService;

namespace Parley.Tests.SignalRService;

/// <summary>A stand-in of its own for one test, with calls that carry the right token unless told otherwise.</summary>
internal sealed class TestService : IAsyncDisposable
{
    public const string Version = "?api-version=2022-06-01";

    private readonly HttpClient _http = new();
    private readonly SignalRServiceOptions _options;

    private TestService(SignalRServiceEmulator emulator, SignalRServiceOptions options) => (Emulator, _options) = (emulator, options);

    public SignalRServiceEmulator Emulator { get; }

    public string Base => Emulator.Endpoint.GetLeftPart(UriPartial.Authority);

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<TestService> StartAsync(
        Func<SignalRServiceOptions, SignalRServiceOptions>? change = null, ILoggerFactory? loggers = null)
    {
        var options = new SignalRServiceOptions { AccessKey = TestToken.Key };
        options = change?.Invoke(options) ?? options;
        return new TestService(await SignalRServiceEmulator.StartAsync(options, loggers ?? NullLoggerFactory.Instance, Stop), options);
    }

    public static FakeTimeProvider NewClock() => new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public long InSeconds(double seconds) => _options.Time.GetUtcNow().AddSeconds(seconds).ToUnixTimeSeconds();

    public string ClientUrl(string hub = "chat") => $"{Base}/client/?hub={hub}";

    public Dictionary<string, object> ClientClaims(string? user, string hub = "chat")
    {
        var claims = new Dictionary<string, object> { ["aud"] = ClientUrl(hub), ["exp"] = InSeconds(3600) };
        if (user is not null)
        {
            claims["asrs.s.uid"] = user;
        }

        return claims;
    }

    public string ClientToken(string? user, string hub = "chat") => TestToken.Make(ClientClaims(user, hub));

    public Task<TestClient> ConnectAsync(
        string? user = null,
        HttpTransportType transport = HttpTransportType.WebSockets,
        bool messagePack = false,
        string hub = "chat",
        string? token = null,
        string query = "") =>
        TestClient.ConnectAsync(ClientUrl(hub) + query, token ?? ClientToken(user, hub), transport, messagePack);

    public Task<HttpResponseMessage> SendAsync(string path, string target, string arguments) =>
        CallAsync("POST", path, $$"""{"target":"{{target}}","arguments":{{arguments}}}""");

    public Task<HttpResponseMessage> NoteAsync(string path, string text) => SendAsync(path, "note", $"[\"{text}\"]");

    /// <summary>A call under /api/hubs; a query may follow the path, api-version is added.</summary>
    public Task<HttpResponseMessage> CallAsync(string method, string path, string? body = null)
    {
        var parts = ("/api/hubs/" + path).Split('?', 2);
        var rest = parts.Length == 2 ? "&" + parts[1] : "";
        return CallRawAsync(method, parts[0] + Version + rest, RestToken(parts[0]), body);
    }

    public string RestToken(string path) =>
        TestToken.Make(new Dictionary<string, object> { ["aud"] = Base + path, ["exp"] = InSeconds(60) });

    public async Task<HttpResponseMessage> CallRawAsync(
        string method, string pathAndQuery, string? token, string? body = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Base + pathAndQuery);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, contentType);
        }

        return await _http.SendAsync(request, Stop);
    }

    public async Task<int> StatusAsync(string method, string path, string? body = null)
    {
        using var response = await CallAsync(method, path, body);
        return (int)response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Emulator.DisposeAsync();
    }
}
