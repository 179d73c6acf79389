using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.WebUtilities;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Logins;

/// <summary>The code flow of OAuth 2, by the steps that an app has configured: each is a request that gives values for the next.</summary>
/// <remarks>
/// A status of 4xx, or a field that is missing, means that the code was refused; no answer or one of 5xx, that the provider failed.
/// </remarks>
public sealed partial class OAuth2Login(ProviderHttp http, ILogger<OAuth2Login> logger)
{
    /// <summary>The value that is the user.</summary>
    public const string Subject = "subject";

    /// <summary>The values that there are before the first step.</summary>
    public static IReadOnlyList<string> GivenValues { get; } = ["client_id", "client_secret", "code", "redirect_uri", "code_verifier"];

    /// <summary>Finds out who has the code.</summary>
    /// <exception cref="ProviderException">The provider failed.</exception>
    public async Task<Result<ProvenIdentity>> ProveAsync(LoginProvider provider, LoginRequest request, CancellationToken cancellation)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["client_id"] = provider.ClientId,
            ["client_secret"] = provider.ClientSecret,
            ["code"] = request.Code,
            ["redirect_uri"] = request.RedirectUri,
            ["code_verifier"] = request.CodeVerifier,
        };
        foreach (var step in provider.Steps!.Where(step => !step.IsOptional))
        {
            if (!await TakeAsync(step, values, cancellation))
            {
                return ApiError.IdentityRefused;
            }
        }

        return values.GetValueOrDefault(Subject) is { } subject && LoginIdentity.IsSubject(subject)
            ? new ProvenIdentity(subject, token => ReadProfileAsync(provider, values, token))
            : ApiError.IdentityRefused;
    }

    /// <summary>The placeholders in a text.</summary>
    public static IEnumerable<string> PlaceholdersIn(string text) => Placeholder().Matches(text).Select(match => match.Groups["name"].Value);

    private async Task<LoginProfile> ReadProfileAsync(LoginProvider provider, Dictionary<string, string?> values, CancellationToken cancellation)
    {
        try
        {
            foreach (var step in provider.Steps!.Where(step => step.IsOptional))
            {
                await TakeAsync(step, values, cancellation);
            }
        }
        catch (ProviderException e)
        {
            ProfileMissing(logger, provider.Name, e.Message);
        }

        return new LoginProfile(values.GetValueOrDefault("nickname"), values.GetValueOrDefault("portrait"));
    }

    // False when the answer lacks something.
    private async Task<bool> TakeAsync(LoginStep step, Dictionary<string, string?> values, CancellationToken cancellation)
    {
        var (status, text) = await http.SendAsync(Request(step, values), cancellation);
        if (status >= HttpStatusCode.InternalServerError)
        {
            throw new ProviderException($"{new Uri(step.Url).Host} answered {(int)status}.");
        }

        var answer = ProviderAnswer.Parse(text);
        foreach (var (value, field) in step.Read)
        {
            values[value] = answer.Find(field);
        }

        return status == HttpStatusCode.OK && step.Read.Keys.All(value => values[value] is not null);
    }

    private static HttpRequestMessage Request(LoginStep step, Dictionary<string, string?> values)
    {
        var parameters = step.Parameters
            .Where(parameter => PlaceholdersIn(parameter.Value).All(name => values.GetValueOrDefault(name) is not null))
            .Select(parameter => KeyValuePair.Create(parameter.Key, (string?)Placeholder().Replace(parameter.Value, match => values[match.Groups["name"].Value]!)))
            .ToList();
        var request = step.Method == LoginStep.Get
            ? new HttpRequestMessage(HttpMethod.Get, QueryHelpers.AddQueryString(step.Url, parameters))
            : new HttpRequestMessage(HttpMethod.Post, step.Url) { Content = new FormUrlEncodedContent(parameters) };
        if (step.SendsBearer)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", values.GetValueOrDefault("access_token"));
        }

        return request;
    }

    [GeneratedRegex(@"\{(?<name>\w+)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Placeholder();

    [LoggerMessage(EventId = 8201, Level = LogLevel.Warning, Message = "A first login at {Provider} goes on without a profile: {Reason}")]
    private static partial void ProfileMissing(ILogger logger, string provider, string reason);
}
