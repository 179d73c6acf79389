using Parley.Local.SignalRService.Hubs;

namespace Parley.Local.SignalRService.Rest;

/// <summary>
/// The REST data plane, api-version 2022-06-01.
/// <code>
/// POST /api/hubs/chat/users/demo%3Aalice/:send?api-version=2022-06-01   Authorization: Bearer …
/// {"target":"events","arguments":[[{"Type":"C2CMessage"}]]}
/// → 202
/// </code>
/// </summary>
/// <remarks>
/// Statuses are those of the operation, or 400 bad parameter, 401 bad token, 404 no such path or thing, 405, 413 body over 1 MB, 415.
/// With the query parameter application, the hub's name gets that prefix and an underscore, as in client URLs.
/// Source: swagger V20220601.
/// </remarks>
internal sealed partial class RestApi(
    RestCheck check, HubRegistry hubs, ServiceCounters counters, ILogger<RestApi> logger)
{
    private const string Hub = "api/hubs/{hub}";

    private readonly RestRoute[] _routes =
    [
        new("POST", Hub + "/:send", call => SendOperations.SendAsync(call, call.Everyone)),
        new("POST", Hub + "/users/{user}/:send", call => SendOperations.SendAsync(call, call.TheUser)),
        new("POST", Hub + "/groups/{group}/:send", call => SendOperations.SendAsync(call, call.TheGroup)),
        new("POST", Hub + "/connections/{connection}/:send", call => SendOperations.SendAsync(call, call.TheConnection)),

        new("PUT", Hub + "/groups/{group}/connections/{connection}", GroupOperations.AddConnection),
        new("DELETE", Hub + "/groups/{group}/connections/{connection}", GroupOperations.RemoveConnection),
        new("DELETE", Hub + "/connections/{connection}/groups", GroupOperations.RemoveConnectionFromAll),
        new("PUT", Hub + "/users/{user}/groups/{group}", GroupOperations.AddUser),
        new("DELETE", Hub + "/users/{user}/groups/{group}", GroupOperations.RemoveUser),
        new("DELETE", Hub + "/users/{user}/groups", GroupOperations.RemoveUserFromAll),
        new("HEAD", Hub + "/users/{user}/groups/{group}", GroupOperations.IsUserInGroup),
        new("GET", Hub + "/users/{user}/groups/{group}", GroupOperations.IsUserInGroup),

        new("HEAD", Hub + "/connections/{connection}", ConnectionOperations.ConnectionExists),
        new("HEAD", Hub + "/users/{user}", ConnectionOperations.UserExists),
        new("HEAD", Hub + "/groups/{group}", ConnectionOperations.GroupExists),
        new("DELETE", Hub + "/connections/{connection}", ConnectionOperations.CloseOne),
        new("POST", Hub + "/:closeConnections", call => ConnectionOperations.CloseMany(call, call.Everyone)),
        new("POST", Hub + "/groups/{group}/:closeConnections", call => ConnectionOperations.CloseMany(call, call.TheGroup)),
        new("POST", Hub + "/users/{user}/:closeConnections", call => ConnectionOperations.CloseMany(call, call.TheUser)),
    ];

    public async Task InvokeAsync(HttpContext context)
    {
        counters.CountRestCall();
        var result = await RunAsync(context);
        if (result.Error is { } error)
        {
            Refused(logger, context.Request.Method, context.Request.Path, error.Status, error.Message);
            await error.WriteAsync(context);
        }
        else
        {
            context.Response.StatusCode = result.Status;
        }
    }

    private async Task<RestResult> RunAsync(HttpContext context)
    {
        var method = context.Request.Method;
        var path = RestPath.Split(RestPath.Raw(context));
        if (path is ["api", "health"])
        {
            return HttpMethods.IsHead(method) ? StatusCodes.Status200OK : RestError.WrongMethod(method);
        }

        var matches = from route in _routes
                      let values = route.Match(path)
                      where values is not null
                      select (Route: route, Values: values);
        var found = matches.ToList();
        if (found.Count == 0)
        {
            return RestError.NoSuchPath(RestPath.Raw(context));
        }

        var (operation, parts) = found.FirstOrDefault(match => match.Route.Method == method);
        if (operation is null)
        {
            return RestError.WrongMethod(method);
        }

        if (await check.CheckAsync(context, parts) is { } error)
        {
            return error;
        }

        var application = context.Request.Query["application"].ToString();
        var hub = application.Length == 0 ? parts["hub"] : $"{application}_{parts["hub"]}";
        return HubName.IsValid(hub)
            ? await operation.Handler(new RestCall(context, hubs.Get(hub), parts))
            : RestError.Invalid("application", "The application's name must start with a letter and hold letters, digits and underscores.");
    }

    [LoggerMessage(EventId = 7110, Level = LogLevel.Information, Message = "{Method} {Path} → {Status}: {Reason}")]
    private static partial void Refused(ILogger logger, string method, PathString path, int status, string reason);
}
