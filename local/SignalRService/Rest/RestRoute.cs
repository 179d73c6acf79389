namespace Parley.Local.SignalRService.Rest;

/// <summary>One operation: a method, a path with {parts}, and what it does.</summary>
internal sealed class RestRoute(string method, string template, Func<RestCall, Task<RestResult>> handler)
{
    private readonly string[] _segments = template.Split('/');

    public string Method => method;

    public Func<RestCall, Task<RestResult>> Handler => handler;

    /// <returns>The values of the {parts}, or null when the path is another's.</returns>
    public IReadOnlyDictionary<string, string>? Match(string[] path)
    {
        if (path.Length != _segments.Length)
        {
            return null;
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (expected, actual) in _segments.Zip(path))
        {
            if (expected is ['{', .. var name, '}'])
            {
                values[name] = actual;
            }
            else if (!expected.Equals(actual, StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }
        }

        return values;
    }
}
