using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Parley.Telemetry;

namespace Parley.Logins;

/// <summary>Requests to login providers: over https (plain only to this machine), no redirects, no cookies, bounded in time and size.</summary>
public sealed class ProviderHttp : IDisposable
{
    private const int MaxAnswerBytes = 256 * 1024;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = Timeout,
        MaxResponseContentBufferSize = MaxAnswerBytes,
        DefaultRequestHeaders = { { "User-Agent", "Parley" }, { "Accept", "application/json, */*" } },
    };

    /// <summary>Whether requests to it are made at all.</summary>
    public static bool IsAllowed(Uri url) =>
        url is { IsAbsoluteUri: true, UserInfo: "" } && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback));

    /// <summary>Sends a request, and ends it.</summary>
    /// <returns>Status and text of the answer, whatever the status.</returns>
    /// <exception cref="ProviderException">No answer in time, too large a one, or an address that is not allowed.</exception>
    public async Task<(HttpStatusCode Status, string Text)> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using (request)
        {
            if (!IsAllowed(request.RequestUri!))
            {
                throw new ProviderException("The address of a login provider must begin with https.");
            }

            using var span = ParleyTracing.Start("login provider", ActivityKind.Client)?.SetTag("server.address", request.RequestUri!.Host);
            var outcome = CallOutcome.Unreachable;
            try
            {
                using var answer = await _http.SendAsync(request, cancellation);
                outcome = CallOutcomes.Of((int)answer.StatusCode);
                return (answer.StatusCode, Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(cancellation)));
            }
            catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                throw new ProviderException($"{request.RequestUri!.Host} did not answer: {e.Message}", e);
            }
            finally
            {
                span.End(outcome);
            }
        }
    }

    /// <summary>Reads a JSON document.</summary>
    /// <exception cref="ProviderException">There is none.</exception>
    public async Task<string> GetJsonAsync(Uri url, CancellationToken cancellation)
    {
        var (status, text) = await SendAsync(new HttpRequestMessage(HttpMethod.Get, url), cancellation);
        return status == HttpStatusCode.OK ? text : throw new ProviderException($"{url.GetLeftPart(UriPartial.Path)} answered {(int)status}.");
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Parses a JSON object of a provider.</summary>
    /// <exception cref="ProviderException">The text is none.</exception>
    public static JsonElement ParseObject(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new ProviderException("A login provider answered JSON that is no object.");
        }
        catch (JsonException e)
        {
            throw new ProviderException("A login provider answered what is no JSON.", e);
        }
    }
}

/// <summary>A login provider failed, or what it says cannot be used; it says nothing about the user.</summary>
public sealed class ProviderException(string message, Exception? inner = null) : Exception(message, inner);
