using System.Text.RegularExpressions;
using Parley.Tests.Packaging;

namespace Parley.Tests.Logins;

/// <summary>The configurations that docs/login.md shows, with the addresses of a local server in place of the providers'.</summary>
internal static partial class DocumentedProviders
{
    /// <param name="name">As the page names the provider.</param>
    /// <param name="address">Of the local server, which has <c>/token</c>, <c>/me</c> and <c>/profile</c>.</param>
    public static string Of(string name, string address, string clientId, string secret)
    {
        var json = Block().Matches(Checkout.Read("docs", "login.md")).Select(match => match.Groups["json"].Value)
            .Single(block => block.Contains($"\"Name\": \"{name}\"", StringComparison.Ordinal));
        Assert.Contains("YOUR-CLIENT-ID", json, StringComparison.Ordinal);
        var local = Url().Replace(json, match => $"\"Url\": \"{address}{PathOf(match.Groups["path"].Value)}\"");
        return local.Replace("YOUR-CLIENT-ID", clientId, StringComparison.Ordinal).Replace("YOUR-CLIENT-SECRET", secret, StringComparison.Ordinal);
    }

    private static string PathOf(string path) => path switch
    {
        "/sns/oauth2/access_token" or "/oauth2.0/token" or "/oauth2/access_token" => "/token",
        "/oauth2.0/me" => "/me",
        "/sns/userinfo" or "/user/get_user_info" or "/2/users/show.json" => "/profile",
        _ => throw new ArgumentException($"The local server has no counterpart of {path}.", nameof(path)),
    };

    [GeneratedRegex(@"```json\n(?<json>\{.*?\n\})\n```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Block();

    [GeneratedRegex(@"""Url"": ""https://[\w.]+(?<path>/[\w./]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Url();
}
