using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Parley.Local;
using Parley.Rest;

namespace Parley.Tests.Support;

/// <summary>Calls the REST API of a local environment as any of its accounts.</summary>
public sealed class ApiClient(LocalSettings settings) : IDisposable
{
    private static readonly TimeSpan Validity = TimeSpan.FromHours(1);

    public HttpClient Http { get; } = new() { BaseAddress = new Uri(settings.Api), Timeout = TimeSpan.FromSeconds(100) };

    public LocalSettings Settings => settings;

    public void Dispose() => Http.Dispose();

    public string Sign(string account) =>
        UserSig.Sign(account, settings.SdkAppId, settings.Secret, TimeProvider.System.GetUtcNow(), Validity);

    /// <summary>Path and query of a command. The account is the administrator if not given; the UserSig is signed if not given.</summary>
    public string CommandPath(string service, string command, string? identifier = null, string? userSig = null)
    {
        var account = identifier ?? settings.Admin;
        var sig = userSig ?? Sign(account);
        var random = Random.Shared.Next().ToString(CultureInfo.InvariantCulture);
        return $"/v4/{service}/{command}?sdkappid={settings.SdkAppId}&identifier={Uri.EscapeDataString(account)}&usersig={Uri.EscapeDataString(sig)}&random={random}&contenttype=json";
    }

    /// <summary>Calls a command and gives its answer, whatever its ErrorCode. The body is JSON text, or an object to be written as JSON.</summary>
    /// <exception cref="HttpRequestException">The HTTP status was not 200, or there was no answer.</exception>
    public Task<JsonElement> CallAsync(string service, string command, object body, string? identifier = null) =>
        PostAsync(CommandPath(service, command, identifier), body as string ?? JsonSerializer.Serialize(body));

    /// <summary>As <see cref="CallAsync"/>, with a path and query of the test's own.</summary>
    public async Task<JsonElement> PostAsync(string pathAndQuery, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await Http.PostAsync(new Uri(pathAndQuery, UriKind.Relative), content);
        var text = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            throw new HttpRequestException($"{pathAndQuery} answered {(int)answer.StatusCode}: {text}", null, answer.StatusCode);
        }

        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    /// <summary>As <see cref="CallAsync"/>, and fails the test when ErrorCode is not 0.</summary>
    public async Task<JsonElement> CallOkAsync(string service, string command, object body, string? identifier = null)
    {
        var answer = await CallAsync(service, command, body, identifier);
        Assert.True(answer.GetProperty("ErrorCode").GetInt32() == 0, answer.GetRawText());
        return answer;
    }

    public Task ImportAsync(params string[] accounts) =>
        CallOkAsync("im_open_login_svc", "multiaccount_import", new { Accounts = accounts });
}
