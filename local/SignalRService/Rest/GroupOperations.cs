using System.Globalization;

namespace Parley.Local.SignalRService.Rest;

/// <summary>Memberships of connections, which end with them, and of users, which wait for later connections.</summary>
internal static class GroupOperations
{
    public static Task<RestResult> AddConnection(RestCall call) => Answer(
        call.Hub.TryAddToGroup(call.Connection, call.Group)
            ? StatusCodes.Status200OK
            : RestError.ConnectionToChangeNotFound(call.Connection));

    public static Task<RestResult> RemoveConnection(RestCall call) => Answer(
        call.Hub.TryRemoveFromGroup(call.Connection, call.Group)
            ? StatusCodes.Status200OK
            : RestError.ConnectionToChangeNotFound(call.Connection));

    public static Task<RestResult> RemoveConnectionFromAll(RestCall call)
    {
        call.Hub.RemoveFromAllGroups(call.Connection);
        return Answer(StatusCodes.Status200OK);
    }

    public static Task<RestResult> AddUser(RestCall call)
    {
        TimeSpan? lifetime = null;
        if (call.Http.Request.Query.TryGetValue("ttl", out var ttl))
        {
            if (!int.TryParse(ttl, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                return Answer(RestError.Invalid("ttl", "The ttl is not a whole number of seconds."));
            }

            lifetime = TimeSpan.FromSeconds(seconds);
        }

        call.Hub.AddUserToGroup(call.User, call.Group, lifetime);
        return Answer(StatusCodes.Status200OK);
    }

    public static Task<RestResult> RemoveUser(RestCall call)
    {
        call.Hub.RemoveUserFromGroup(call.User, call.Group);
        return Answer(StatusCodes.Status204NoContent);
    }

    public static Task<RestResult> RemoveUserFromAll(RestCall call)
    {
        call.Hub.RemoveUserFromAllGroups(call.User);
        return Answer(StatusCodes.Status204NoContent);
    }

    public static Task<RestResult> IsUserInGroup(RestCall call) => Answer(
        call.Hub.IsUserInGroup(call.User, call.Group)
            ? StatusCodes.Status200OK
            : RestError.UserNotInGroup(call.User, call.Group));

    private static Task<RestResult> Answer(RestResult result) => Task.FromResult(result);
}
