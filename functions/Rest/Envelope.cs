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
