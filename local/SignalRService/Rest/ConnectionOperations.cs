using Parley.Local.SignalRService.Hubs;

namespace Parley.Local.SignalRService.Rest;

/// <summary>Who is there, and sending them away.</summary>
internal static class ConnectionOperations
{
    public static Task<RestResult> ConnectionExists(RestCall call) =>
        Exists(call, call.TheConnection, RestError.ConnectionNotFound(call.Connection));

    public static Task<RestResult> UserExists(RestCall call) => Exists(call, call.TheUser, RestError.UserNotFound(call.User));

    public static Task<RestResult> GroupExists(RestCall call) => Exists(call, call.TheGroup, RestError.GroupNotFound(call.Group));

    public static Task<RestResult> CloseOne(RestCall call) => Task.FromResult<RestResult>(
        call.Hub.Close(call.TheConnection, call.Reason)
            ? StatusCodes.Status200OK
            : RestError.ConnectionNotFound(call.Connection));

    public static Task<RestResult> CloseMany(RestCall call, Target target)
    {
        call.Hub.Close(target, call.Reason);
        return Task.FromResult<RestResult>(StatusCodes.Status204NoContent);
    }

    private static Task<RestResult> Exists(RestCall call, Target target, RestError absent) =>
        Task.FromResult<RestResult>(call.Hub.Exists(target) ? StatusCodes.Status200OK : absent);
}
