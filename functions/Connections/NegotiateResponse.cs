using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Connections;

/// <summary>The answer to a negotiation: a redirection for official SignalR clients, in the API's envelope.</summary>
public sealed record NegotiateResponse : Envelope
{
    [JsonPropertyName("url")]
    public string? Url { get; init; }

    [JsonPropertyName("accessToken")]
    public string? AccessToken { get; init; }

    /// <summary>What an official client gives as the reason why it cannot connect.</summary>
    [JsonPropertyName("error")]
    public string? Error { get; init; }

    public static NegotiateResponse Refuse(ApiError error) => new()
    {
        ActionStatus = "FAIL",
        ErrorCode = error.Code,
        ErrorInfo = error.Info,
        Error = $"{error.Code}: {error.Info}",
    };
}
