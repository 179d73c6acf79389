using Microsoft.AspNetCore.Http.Features;

namespace Parley.Local.SignalRService.Rest;

/// <summary>
/// A path as it stood in the request line, split at its slashes and decoded once. Kestrel's own path is of no use here: it keeps %2F
/// encoded, so that "a/b" and "a%2Fb" in a group's name look the same.
/// </summary>
internal static class RestPath
{
    public static string Raw(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.Split('?', 2)[0];
        var scheme = path.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return path;
        }

        // The absolute form, as proxies send it.
        var start = path.IndexOf('/', scheme + "://".Length);
        return start < 0 ? "/" : path[start..];
    }

    /// <summary>Segments of a path; slashes at both ends do not count.</summary>
    public static string[] Split(string path) => [.. path.Trim('/').Split('/').Select(Uri.UnescapeDataString)];
}
