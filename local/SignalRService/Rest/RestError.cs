using System.Text.Json.Nodes;

namespace Parley.Local.SignalRService.Rest;

/// <summary>
/// A refusal, written as <c>{"code":"…","message":"…","target":"…","details":[],"inner":null}</c> with the header x-ms-error-code.
/// </summary>
/// <remarks>The codes that end in NotExisted and NotInGroup are documented, the other codes are our choice: only their status is known.</remarks>
internal sealed record RestError(int Status, string Code, string Message, string? Target = null)
{
    public static RestError Invalid(string target, string message) => new(400, "Error.InvalidArgument", message, target);

    public static RestError Unauthorized(string message) => new(401, "Error.Unauthorized", message);

    public static RestError NoSuchPath(string path) => new(404, "Error.PathNotFound", $"There is no operation at {path}.");

    public static RestError WrongMethod(string method) => new(405, "Error.MethodNotAllowed", $"The operation has no method {method}.");

    public static RestError TooLarge(string message) => new(413, "Error.RequestTooLarge", message);

    public static RestError UnknownContent(string? contentType) =>
        new(415, "Error.UnsupportedContentType", $"The content type {contentType} is not known.");

    public static RestError ConnectionToChangeNotFound(string id) =>
        new(404, "Error.Connection.NotExisted", $"Connection {id} does not exist.", "connectionId");

    public static RestError ConnectionNotFound(string id) =>
        new(404, "Warning.Connection.NotExisted", $"Connection {id} does not exist.", "connectionId");

    public static RestError UserNotFound(string user) => new(404, "Warning.User.NotExisted", $"User {user} has no open connection.", "user");

    public static RestError GroupNotFound(string group) => new(404, "Warning.Group.NotExisted", $"Group {group} has no open connection.", "group");

    public static RestError UserNotInGroup(string user, string group) =>
        new(404, "Info.User.NotInGroup", $"User {user} is not in group {group}.", "user");

    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        response.Headers["x-ms-error-code"] = Code;
        if (Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        response.ContentType = "application/json; charset=utf-8";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.WriteAsync(ToJson(), context.RequestAborted);
        }
    }

    private string ToJson() => new JsonObject
    {
        ["code"] = Code,
        ["message"] = Message,
        ["target"] = Target,
        ["details"] = new JsonArray(),
        ["inner"] = null,
    }.ToJsonString();
}
