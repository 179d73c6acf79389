using System.Globalization;
using Parley.Local.SignalRService.Tokens;

namespace Parley.Local.SignalRService.Clients;

/// <summary>Who connects, as the token and the connect request say.</summary>
internal sealed class ClientIdentity(string hub, TokenClaims claims, HttpRequest request)
{
    public string Hub { get; } = hub;

    /// <summary>Null for an anonymous client.</summary>
    public string? UserId { get; } = claims.Text("asrs.s.uid") ?? claims.Text("nameid") ?? claims.Text("sub");

    /// <summary>"type: value, type: value" of the app's own claims.</summary>
    public string UserClaims { get; } = string.Join(", ", claims.UserClaims.Select(claim => $"{claim.Type}: {claim.Value}"));

    /// <summary>The connect request's query with its question mark. The token is left out: our choice, nobody upstream needs it.</summary>
    public string Query { get; } = QueryString.Create(
        request.Query.Where(parameter => parameter.Key != "access_token")).Value ?? "";

    /// <summary>When the connection has to end, if the token asks for that.</summary>
    public DateTimeOffset? ClosesAt { get; } =
        string.Equals(claims.Text("asrs.s.coae"), "true", StringComparison.OrdinalIgnoreCase)
        && long.TryParse(claims.Text("asrs.s.aeo"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var seconds)
        && seconds is > 0 and < 253_402_300_800 // the year 10000, where DateTimeOffset ends
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    /// <summary>The token's own handshake timeout, at most 30 seconds.</summary>
    public TimeSpan? HandshakeTimeout { get; } =
        claims.Number("asrs.s.cht") is { } timeout ? TimeSpan.FromSeconds(Math.Clamp(timeout, 1, 30)) : null;

    public static ClientIdentity? Of(HttpContext? context) => context?.Items[typeof(ClientIdentity)] as ClientIdentity;

    public void AttachTo(HttpContext context) => context.Items[typeof(ClientIdentity)] = this;
}
