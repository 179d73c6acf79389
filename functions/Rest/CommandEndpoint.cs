namespace Parley.Rest;

/// <summary>
/// <c>POST /v4/{service}/{command}?sdkappid&amp;identifier&amp;usersig&amp;random&amp;contenttype=json</c>: runs a command with the body as
/// JSON, whatever its content type says, and answers HTTP 200 whatever happens.
/// </summary>
public sealed class CommandEndpoint(CommandDispatcher dispatcher, Authenticator authenticator)
{
    public async Task HandleAsync(HttpContext http)
    {
        byte[] answer;
        try
        {
            answer = await dispatcher.RunAsync(new HttpCall(http, authenticator), http.RequestAborted);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        http.Response.ContentType = "application/json";
        http.Response.ContentLength = answer.Length;
        await http.Response.Body.WriteAsync(answer);
    }

    private sealed class HttpCall(HttpContext http, Authenticator authenticator) : ICommandCall
    {
        public string Service => (string?)http.Request.RouteValues["service"] ?? "";

        public string Command => (string?)http.Request.RouteValues["command"] ?? "";

        public async ValueTask<Result<Caller>> AuthenticateAsync(CancellationToken cancellation)
        {
            var authenticated = await authenticator.AuthenticateAsync(http.Request.Query, cancellation, isConfiguration: Service == "openconfigsvr");
            return authenticated.TryGet(out var caller, out var refused) ? caller with { Origin = CallOrigin.OfHttp(http, caller.IsAdmin) } : refused;
        }

        public string? Parameter(string name) => http.Request.Query[name];

        public ValueTask<byte[]?> ReadBodyAsync(CancellationToken cancellation) =>
            RequestBody.ReadAsync(http.Request.BodyReader, CommandDispatcher.MaxBodyBytes, cancellation);
    }
}
