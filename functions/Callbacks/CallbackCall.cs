using System.Globalization;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Callbacks;

/// <summary>One request to an app's receiver.</summary>
/// <param name="Id">The same in every attempt.</param>
/// <param name="Attempt">From 1.</param>
public sealed record CallbackCall(CallbackCommand Command, string Id, int Attempt, byte[] Body, CallOrigin Origin, TimeSpan Timeout)
{
    /// <summary>The span of the event that it tells of, as a <c>traceparent</c>; null for what is under way.</summary>
    public string? Trace { get; init; }

    /// <summary>
    /// The request, signed where the app has a token.
    /// <code>
    /// POST {url}?SdkAppid=1400000001&amp;CallbackCommand=C2C.CallbackAfterSendMsg&amp;contenttype=json&amp;ClientIP=203.0.113.7&amp;OptPlatform=Android&amp;Sign=…&amp;RequestTime=1700000321
    /// X-Parley-Callback-Id: 3f0c…   X-Parley-Callback-Attempt: 1   X-Parley-Signature: t=1700000321,v1=…
    /// </code>
    /// </summary>
    /// <remarks>Source: API reference, callbacks §1. The headers are our addition.</remarks>
    public HttpRequestMessage ToRequest(App app, DateTimeOffset now)
    {
        var query = string.Create(
            CultureInfo.InvariantCulture,
            $"?SdkAppid={app.SdkAppId}&CallbackCommand={Command.Name}&contenttype=json&ClientIP={Uri.EscapeDataString(Origin.ClientIp)}&OptPlatform={Origin.Platform}");
        var time = now.ToUnixTimeSeconds();
        if (app.CallbackToken.Length > 0)
        {
            query += string.Create(CultureInfo.InvariantCulture, $"&Sign={CallbackSignature.OfTime(app.CallbackToken, time)}&RequestTime={time}");
        }

        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.CallbackUrl + query)) { Content = new ByteArrayContent(Body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("X-Parley-Callback-Id", Id);
        request.Headers.Add("X-Parley-Callback-Attempt", Attempt.ToString(CultureInfo.InvariantCulture));
        if (app.CallbackToken.Length > 0)
        {
            request.Headers.Add("X-Parley-Signature", CallbackSignature.OfBody(app.CallbackToken, time, Body));
        }

        return request;
    }
}
