using Microsoft.AspNetCore.Http.Features;
using Parley.Local.SignalRService.Hubs;
using Parley.Local.SignalRService.Rest;
using Parley.Local.SignalRService.Tokens;

namespace Parley.Local.SignalRService.Clients;

/// <summary>
/// Lets only requests with a good client token reach the transports.
/// <code>
/// POST /client/negotiate?hub=chat&amp;negotiateVersion=1   Authorization: Bearer …
/// GET  /client/?hub=chat&amp;id=…&amp;access_token=…
/// </code>
/// </summary>
/// <remarks>
/// Refusals: 400 no hub or a malformed one, 401 a token that is missing, forged, expired or meant for another URL, 413 a token over
/// 4096 characters. A hub with capitals is refused, where Microsoft's emulator would quietly open a hub that no REST call reaches.
/// </remarks>
internal sealed partial class ClientGate(
    TokenReader tokens, EstablishedConnections established, ILogger<ClientGate> logger)
{
    private const int LongestToken = 4096;
    private const long LargestPost = 1024 * 1024;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (Check(context) is { } refusal)
        {
            Refused(logger, context.Request.Path, refusal.Status, refusal.Message);
            await refusal.WriteAsync(context);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LargestPost;
        }

        await next(context);
    }

    private RestError? Check(HttpContext context)
    {
        var request = context.Request;
        var hub = request.Query["hub"].ToString();
        if (!HubName.IsValid(hub) || hub != HubName.Normalise(hub))
        {
            return RestError.Invalid("hub", "The hub's name must start with a letter and hold lower-case letters, digits and underscores.");
        }

        var token = BearerToken.Of(request) ?? request.Query["access_token"].ToString();
        if (token.Length > LongestToken)
        {
            return RestError.TooLarge("The access token is longer than 4096 characters.");
        }

        if (token.Length == 0)
        {
            return RestError.Unauthorized("There is no access token.");
        }

        var claims = tokens.Read(token, established.Contains(request), allowLent: true, out var problem);
        if (claims is null)
        {
            return RestError.Unauthorized(problem);
        }

        if (!claims.Audiences.Any(audience => IsAudience(audience, request, hub)))
        {
            return RestError.Unauthorized($"The token's audience is not {BearerToken.BaseUrl(request)}/client/?hub={hub}");
        }

        new ClientIdentity(hub, claims, request).AttachTo(context);
        return null;
    }

    private static bool IsAudience(string audience, HttpRequest request, string hub)
    {
        var client = BearerToken.BaseUrl(request) + "/client";
        return audience.StartsWith(client, StringComparison.OrdinalIgnoreCase)
            && audience[client.Length..] is var rest
            && (rest == $"/?hub={hub}" || rest == $"?hub={hub}");
    }

    [LoggerMessage(EventId = 7101, Level = LogLevel.Warning, Message = "Client request {Path} refused with {Status}: {Reason}")]
    private static partial void Refused(ILogger logger, PathString path, int status, string reason);
}
