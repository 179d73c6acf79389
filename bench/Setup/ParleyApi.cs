using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Local;

namespace Parley.Bench.Setup;

/// <summary>Calls the REST API as the app's administrator, with one UserSig for all calls: signing is the app backend's cost.</summary>
internal sealed class ParleyApi(HttpClient http, Uri address, DemoApp app)
{
    private const int AccountsPerImport = 100;
    private const string Text = "See you at the station at half past eight, on the side of the river.";

    private readonly string _root = address.GetLeftPart(UriPartial.Authority);
    private readonly string _query = Credentials(app, DemoApp.Admin);

    /// <summary>Where an official SignalR client connects to as an account.</summary>
    public Uri ClientUrl(string account) => new($"{_root}/client?{Credentials(app, account)}");

    /// <summary>Calls a command.</summary>
    /// <returns>The answer; its ErrorCode is 0.</returns>
    /// <exception cref="BenchException">It was refused.</exception>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    public async Task<JsonElement> CallAsync(string service, string command, JsonObject body, CancellationToken cancellation)
    {
        var random = Random.Shared.Next().ToString(CultureInfo.InvariantCulture);
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body));
        using var response = await http.PostAsync(new Uri($"{_root}/v4/{service}/{command}?{_query}&random={random}&contenttype=json"), content, cancellation);
        response.EnsureSuccessStatusCode();
        using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellation));
        return answer.RootElement.GetProperty("ErrorCode").GetInt32() == 0
            ? answer.RootElement.Clone()
            : throw new BenchException($"{command} answered {answer.RootElement.GetRawText()}");
    }

    /// <summary>Sends a message.</summary>
    /// <returns>Its MsgKey.</returns>
    public async Task<string> SendAsync(JsonObject message, CancellationToken cancellation) =>
        (await CallAsync("openim", "sendmsg", message, cancellation)).GetProperty("MsgKey").GetString()!;

    public async Task ImportAsync(IEnumerable<string> accounts, CancellationToken cancellation)
    {
        foreach (var chunk in accounts.Chunk(AccountsPerImport))
        {
            await CallAsync("im_open_login_svc", "multiaccount_import", new JsonObject { ["Accounts"] = Names(chunk) }, cancellation);
        }
    }

    public static JsonArray Names(IEnumerable<string> accounts) => [.. accounts.Select(account => (JsonNode)account)];

    /// <summary>A text message as a chat sends it; the sender's copy is stored too, as is the default.</summary>
    public static JsonObject Message(string from, JsonNode to, uint number, string text = Text) => new()
    {
        ["From_Account"] = from,
        ["To_Account"] = to,
        ["MsgSeq"] = number,
        ["MsgRandom"] = number,
        ["MsgBody"] = Body(text),
    };

    public static JsonArray Body(string text = Text) =>
        new(new JsonObject { ["MsgType"] = "TIMTextElem", ["MsgContent"] = new JsonObject { ["Text"] = text } });

    private static string Credentials(DemoApp app, string account)
    {
        var sig = app.Sign(account, TimeProvider.System);
        return $"sdkappid={DemoApp.SdkAppId}&identifier={Uri.EscapeDataString(account)}&usersig={Uri.EscapeDataString(sig)}";
    }
}
