using System.Text.Json.Serialization;

namespace Parley.Rest;

/// <summary>
/// What every answer of the API begins with; a command with nothing more to say answers just this.
/// <code>{ "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }</code>
/// </summary>
public record Envelope
{
    public static readonly Envelope Ok = new();

    /// <summary>OK, FAIL, or SomeError when a batch succeeded in part.</summary>
    [JsonPropertyOrder(-3)]
    public string ActionStatus { get; init; } = "OK";

    [JsonPropertyOrder(-2)]
    public string ErrorInfo { get; init; } = "";

    [JsonPropertyOrder(-1)]
    public int ErrorCode { get; init; }

    public static Envelope Failure(ApiError error) => new() { ActionStatus = "FAIL", ErrorInfo = error.Info, ErrorCode = error.Code };
}

/// <summary>What the answers of sns, profile and recentcontact begin with: besides, a text that could be shown to an end user. We never have one.</summary>
public record DisplayEnvelope : Envelope
{
    public static readonly new DisplayEnvelope Ok = new();

    [JsonPropertyOrder(-1)]
    public string ErrorDisplay { get; init; } = "";

    public static new DisplayEnvelope Failure(ApiError error) => new() { ActionStatus = "FAIL", ErrorInfo = error.Info, ErrorCode = error.Code };
}
