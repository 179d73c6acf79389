namespace Parley.Local.SignalRService.Tokens;

internal static class BearerToken
{
    /// <summary>The text after "Bearer " in the Authorization header, or null.</summary>
    public static string? Of(HttpRequest request)
    {
        const string Scheme = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
    }

    /// <summary>Scheme and host as the caller wrote them: what an audience has to begin with.</summary>
    public static string BaseUrl(HttpRequest request) => $"{request.Scheme}://{request.Host.Value}";
}
