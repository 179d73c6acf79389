using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Parley.Connections.Guests;
using Parley.Connections.Invocations;
using Parley.Delivery;
using Parley.Storage;

namespace Parley.Connections;

/// <summary>
/// What the SignalR service tells of its clients: <c>POST /upstream/{secret}</c> with the headers X-ASRS-*. Connections that open and
/// close go to <see cref="ConnectionEvents"/>, what clients call to <see cref="ClientInvocations"/>, and what guests do to <see cref="IGuestWatcher"/>.
/// </summary>
/// <remarks>
/// The URL is secret, and the call proves besides that it comes from the service (<see cref="IUpstreamProof"/>). 401 when either is wrong, 404 for what is not for this app.
/// Source: the service's contract, upstream.
/// </remarks>
public sealed partial class Upstream(
    SignalREndpoint endpoint, IUpstreamProof proof, IOptions<SignalROptions> options, ConnectionEvents events, ClientInvocations invocations, IGuestWatcher guests, ILogger<Upstream> logger)
{
    private readonly byte[] _secret = Encoding.UTF8.GetBytes(options.Value.UpstreamSecret);

    public async Task HandleAsync(HttpContext http)
    {
        var headers = http.Request.Headers;
        var connectionId = headers["X-ASRS-Connection-Id"].ToString();
        if (!IsSecret((string?)http.Request.RouteValues["secret"] ?? "") || !await proof.IsFromServiceAsync(http.Request, connectionId, http.RequestAborted))
        {
            Refused(logger, connectionId);
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        await HandleGenuineAsync(http, connectionId);
    }

    private Task HandleGenuineAsync(HttpContext http, string connectionId)
    {
        var headers = http.Request.Headers;
        if (AccountKey.FromSignalRUser(headers["X-ASRS-User-Id"].ToString()) is { } account && headers["X-ASRS-Hub"] == endpoint.HubOf(account.SdkAppId))
        {
            var claims = ConnectionClaims.Read(headers["X-ASRS-User-Claims"].ToString());
            switch (headers["X-ASRS-Category"].ToString())
            {
                case "connections":
                    http.Response.StatusCode = StatusCodes.Status204NoContent;
                    return events.HandleAsync(headers["X-ASRS-Event"].ToString(), account, connectionId, claims);
                case "messages":
                    return invocations.HandleAsync(http, account, connectionId, claims);
            }
        }
        else if (GuestKey.FromSignalRUser(headers["X-ASRS-User-Id"].ToString(), connectionId) is { } guest && headers["X-ASRS-Hub"] == endpoint.HubOf(guest.SdkAppId))
        {
            return HandleGuestAsync(http, guest);
        }

        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private Task HandleGuestAsync(HttpContext http, GuestKey guest)
    {
        var (category, name) = (http.Request.Headers["X-ASRS-Category"].ToString(), http.Request.Headers["X-ASRS-Event"].ToString());
        if (category == "messages")
        {
            return invocations.HandleAsync(http, guest.ConnectionId, command => guests.RunAsync(guest, command, http.RequestAborted));
        }

        http.Response.StatusCode = category == "connections" ? StatusCodes.Status204NoContent : StatusCodes.Status404NotFound;
        return category == "connections" && name == "disconnected" ? guests.DisconnectedAsync(guest, CancellationToken.None) : Task.CompletedTask;
    }

    private bool IsSecret(string text) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(text), _secret);

    [LoggerMessage(EventId = 5001, Level = LogLevel.Warning, Message = "An upstream call for connection {ConnectionId} was refused: wrong secret, signature or token")]
    private static partial void Refused(ILogger logger, string connectionId);
}
