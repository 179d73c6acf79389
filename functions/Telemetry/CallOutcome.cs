namespace Parley.Telemetry;

/// <summary>How a call of another service ended.</summary>
public enum CallOutcome
{
    Ok,

    /// <summary>What was asked for is not there.</summary>
    Missing,

    /// <summary>Another writer was first.</summary>
    Conflict,

    /// <summary>Too much was asked.</summary>
    Throttled,

    /// <summary>The call was wrong, or is not permitted.</summary>
    Refused,

    /// <summary>The service failed.</summary>
    Failed,

    /// <summary>There was no answer.</summary>
    Unreachable,
}

public static class CallOutcomes
{
    /// <param name="status">HTTP status of the answer.</param>
    public static CallOutcome Of(int status) => status switch
    {
        < 400 => CallOutcome.Ok,
        404 => CallOutcome.Missing,
        409 or 412 => CallOutcome.Conflict,
        429 or 503 => CallOutcome.Throttled,
        < 500 => CallOutcome.Refused,
        _ => CallOutcome.Failed,
    };

    /// <summary>As tags of metrics and spans say it.</summary>
    public static string ToTag(this CallOutcome outcome) => outcome switch
    {
        CallOutcome.Ok => "ok",
        CallOutcome.Missing => "missing",
        CallOutcome.Conflict => "conflict",
        CallOutcome.Throttled => "throttled",
        CallOutcome.Refused => "refused",
        CallOutcome.Failed => "failed",
        _ => "unreachable",
    };

    /// <summary>Whether a span of it counts as failed.</summary>
    public static bool IsError(this CallOutcome outcome) => outcome is CallOutcome.Throttled or CallOutcome.Refused or CallOutcome.Failed or CallOutcome.Unreachable;
}
