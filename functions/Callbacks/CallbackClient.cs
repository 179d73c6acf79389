using System.Diagnostics;
using System.Net;
using System.Security.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Security.AntiSSRF;
using Parley.Apps;
using Parley.Rest;
using Parley.Telemetry;

namespace Parley.Callbacks;

/// <summary>Sends callbacks: to allowed addresses, bounded in time and in what is read, and never to where an answer redirects.</summary>
public sealed class CallbackClient : IDisposable
{
    private readonly CallbackAddresses _addresses;
    private readonly CallbackRecord _record;
    private readonly TimeProvider _time;
    private readonly int _maxAnswerBytes;
    private readonly HttpClient _http;

    public CallbackClient(CallbackAddresses addresses, IOptions<CallbacksOptions> options, CallbackRecord record, TimeProvider time)
    {
        (_addresses, _record, _time, _maxAnswerBytes) = (addresses, record, time, options.Value.MaxAnswerBytes);

        // Each call has a time limit of its own.
        _http = new HttpClient(addresses.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan, DefaultRequestHeaders = { { "User-Agent", "Parley" } } };
    }

    /// <summary>Sends a callback once.</summary>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public async Task<CallbackAnswer> SendAsync(App app, CallbackCall call, CancellationToken cancellation)
    {
        using var request = call.ToRequest(app, _time.GetUtcNow());
        if (_addresses.Refuse(request.RequestUri!) is { } reason)
        {
            _record.Ended(app.SdkAppId, call.Command, CallbackOutcome.Forbidden);
            return CallbackAnswer.Failed(CallbackOutcome.Forbidden, reason);
        }

        _record.Sent(app.SdkAppId, call.Command);
        using var span = ParleyTracing.StartCallback(call.Command.Name, ParleyTracing.Parse(call.Trace))?.SetTag("parley.attempt", call.Attempt);
        span.HandOn(request);
        var began = _time.GetTimestamp();
        var answer = await SendAsync(request, call, cancellation);
        span?.SetTag("parley.outcome", answer.Outcome.ToString()).SetStatus(answer.IsAnswered ? ActivityStatusCode.Unset : ActivityStatusCode.Error);
        _record.Ended(app.SdkAppId, call.Command, answer.Outcome, _time.GetElapsedTime(began));
        return answer;
    }

    public void Dispose() => _http.Dispose();

    private async Task<CallbackAnswer> SendAsync(HttpRequestMessage request, CallbackCall call, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(call.Timeout);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return response.StatusCode == HttpStatusCode.OK
                ? Read(call.Command, await ReadAsync(response.Content, limit.Token))
                : CallbackAnswer.Failed(CallbackOutcome.BadStatus, $"status {(int)response.StatusCode}");
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            return OfFailure(e, call.Timeout);
        }
    }

    // Null when there is more than is read.
    private async Task<byte[]?> ReadAsync(HttpContent content, CancellationToken cancellation)
    {
        if (content.Headers.ContentLength > _maxAnswerBytes)
        {
            return null;
        }

        using var body = new MemoryStream();
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[8 * 1024];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            if (body.Length + count > _maxAnswerBytes)
            {
                return null;
            }

            await body.WriteAsync(buffer.AsMemory(0, count), cancellation);
        }

        return body.ToArray();
    }

    private static CallbackAnswer Read(CallbackCommand command, byte[]? body)
    {
        if (body is null)
        {
            return CallbackAnswer.Failed(CallbackOutcome.TooLarge, "the answer is too large");
        }

        using var json = JsonBody.TryParseObject(body);
        if (json is null)
        {
            return CallbackAnswer.Failed(CallbackOutcome.BadBody, "the answer is no JSON object");
        }

        var answer = json.RootElement.Clone();
        return command.Refusal is not null && CodeOf(answer) is null
            ? CallbackAnswer.Failed(CallbackOutcome.BadBody, "the answer has no ErrorCode")
            : new CallbackAnswer(CallbackOutcome.Answered, answer, "");
    }

    /// <summary>The ErrorCode of an answer; null when it has none.</summary>
    internal static long? CodeOf(System.Text.Json.JsonElement answer) => new FieldReader(answer).OptionalIntegerOrText("ErrorCode", ApiError.BodyJson);

    private static CallbackAnswer OfFailure(Exception exception, TimeSpan timeout) => exception switch
    {
        OperationCanceledException => CallbackAnswer.Failed(CallbackOutcome.TimedOut, $"no answer within {timeout.TotalMilliseconds:0} ms"),
        AntiSSRFException => CallbackAnswer.Failed(CallbackOutcome.Forbidden, exception.Message),
        AuthenticationException => CallbackAnswer.Failed(CallbackOutcome.Unreachable, $"TLS: {exception.Message}"),
        _ => CallbackAnswer.Failed(CallbackOutcome.Unreachable, exception.Message),
    };
}
