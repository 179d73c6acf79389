namespace Parley.Callbacks;

/// <summary>The rules for the URL that an app's callbacks go to.</summary>
/// <remarks>
/// <c>http://</c> or <c>https://</c>, with a host name or an address, and without a query of its own. Source: API reference, callbacks §1. That it has no user
/// name and no fragment is our addition. Whether the deployment lets callbacks go there is decided when they are sent.
/// </remarks>
public static class CallbackUrl
{
    private const int MaxCharacters = 500;
    private const string Forbidden = "?&$!#";

    public static bool IsValid(string text) =>
        text.Length <= MaxCharacters && text.All(c => c is > ' ' and < '\u007f' && !Forbidden.Contains(c, StringComparison.Ordinal))
        && (text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal))
        && Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { UserInfo: "", Host.Length: > 0 };
}
