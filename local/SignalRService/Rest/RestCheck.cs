using Parley.Local.SignalRService.Hubs;
using Parley.Local.SignalRService.Tokens;

namespace Parley.Local.SignalRService.Rest;

/// <summary>What every call is checked for before it reaches its operation: token, api-version, names.</summary>
internal sealed class RestCheck(TokenReader tokens, SignalRServiceOptions options)
{
    private const string EntraAudience = "https://signalr.azure.com";
    private const string ApiVersion = "2022-06-01";
    private const int LongestGroup = 1024;

    public async Task<RestError?> CheckAsync(HttpContext context, IReadOnlyDictionary<string, string> path) =>
        await CheckTokenAsync(context) ?? CheckVersion(context.Request) ?? CheckNames(path);

    /// <summary>Only the identity's own token will do.</summary>
    public async Task<RestError?> CheckEntraTokenAsync(HttpContext context) =>
        BearerToken.Of(context.Request) is not { Length: > 0 } token ? RestError.Unauthorized("There is no bearer token.")
        : options.Entra is not { } entra ? RestError.Unauthorized("No Entra tokens are accepted here.")
        : await entra.ProblemAsync(token, EntraAudience, options.Time) is { } problem ? RestError.Unauthorized(problem)
        : null;

    private async Task<RestError?> CheckTokenAsync(HttpContext context)
    {
        if (BearerToken.Of(context.Request) is not { Length: > 0 } token)
        {
            return RestError.Unauthorized("There is no bearer token.");
        }

        var claims = tokens.Read(token, allowExpired: false, allowLent: false, out var problem);
        if (claims is null)
        {
            return options.Entra is null ? RestError.Unauthorized(problem) : await CheckEntraTokenAsync(context);
        }

        var url = BearerToken.BaseUrl(context.Request) + RestPath.Raw(context);
        return claims.Audiences.Any(audience => IsAudience(audience, url, context.Request))
            ? null
            : RestError.Unauthorized($"The token's audience is not {url}");
    }

    private static RestError? CheckVersion(HttpRequest request)
    {
        var version = request.Query["api-version"].ToString();
        return version == ApiVersion ? null : RestError.Invalid("api-version", $"The api-version '{version}' is not {ApiVersion}.");
    }

    private static RestError? CheckNames(IReadOnlyDictionary<string, string> path)
    {
        if (!HubName.IsValid(path["hub"]))
        {
            return RestError.Invalid("hub", "The hub's name must start with a letter and hold letters, digits and underscores.");
        }

        if (path.TryGetValue("group", out var group) && group.Length is 0 or > LongestGroup)
        {
            return RestError.Invalid("group", $"A group's name has 1 to {LongestGroup} characters.");
        }

        var empty = path.FirstOrDefault(part => part.Value.Length == 0).Key;
        return empty is null ? null : RestError.Invalid(empty, "The name is empty.");
    }

    // The document asks for the URL without its query; Microsoft's own SDK signs the query as well. Encodings of one path may differ,
    // so segments are compared decoded.
    private static bool IsAudience(string audience, string url, HttpRequest request)
    {
        var parts = audience.Split('?', 2);
        var query = parts.Length == 2 ? "?" + parts[1] : "";
        return (query.Length == 0 || query == $"?api-version={ApiVersion}" || query == request.QueryString.Value)
            && Uri.TryCreate(parts[0], UriKind.Absolute, out var meant) && Uri.TryCreate(url, UriKind.Absolute, out var called)
            && meant.Scheme == called.Scheme && meant.Authority == called.Authority
            && RestPath.Split(PathOf(parts[0])).SequenceEqual(RestPath.Split(PathOf(url)), StringComparer.Ordinal);
    }

    private static string PathOf(string url)
    {
        var start = url.IndexOf('/', url.IndexOf("://", StringComparison.Ordinal) + "://".Length);
        return start < 0 ? "/" : url[start..];
    }
}
