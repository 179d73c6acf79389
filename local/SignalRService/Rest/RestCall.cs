using Parley.Local.SignalRService.Hubs;

namespace Parley.Local.SignalRService.Rest;

/// <summary>A checked call to one operation of the data plane.</summary>
internal sealed record RestCall(HttpContext Http, ServiceHub Hub, IReadOnlyDictionary<string, string> Path)
{
    public string Group => Path["group"];

    public string User => Path["user"];

    public string Connection => Path["connection"];

    public string? Reason => Http.Request.Query["reason"].FirstOrDefault();

    public Target Everyone => Means(TargetKind.Everyone, "");

    public Target TheGroup => Means(TargetKind.Group, Group);

    public Target TheUser => Means(TargetKind.User, User);

    public Target TheConnection => Means(TargetKind.Connection, Connection);

    private Target Means(TargetKind kind, string name)
    {
        // On one connection alone, and on the existence of things, the parameter has no meaning and is not documented.
        var excluded = kind == TargetKind.Connection || !HttpMethods.IsPost(Http.Request.Method) ? default : Http.Request.Query["excluded"];
        return new Target(kind, name, excluded.OfType<string>().ToHashSet(StringComparer.Ordinal));
    }
}

/// <summary>A status, or a refusal.</summary>
internal readonly record struct RestResult(int Status, RestError? Error)
{
    public static implicit operator RestResult(int status) => new(status, Error: null);

    public static implicit operator RestResult(RestError error) => new(error.Status, error);
}
