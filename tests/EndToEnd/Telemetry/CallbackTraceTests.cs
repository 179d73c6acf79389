using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>The trace of a call reaches the app's backend, before and after.</summary>
[Collection(TelemetryLab.Collection)]
public sealed class CallbackTraceTests(TelemetryLab shared)
{
    private const string Before = "C2C.CallbackBeforeSendMsg";
    private const string After = "C2C.CallbackAfterSendMsg";
    private const string Queue = "parley-callback";

    [Fact]
    public async Task Callbacks_are_parts_of_the_trace_of_their_message_and_the_receiver_gets_it_handed_on()
    {
        var lab = await shared.StartedAsync();
        var accounts = await lab.ImportAsync("callback-mia", "callback-jonas");
        await using var receiver = await CallbackReceiver.StartAsync();
        await lab.Api.CallOkAsync("openconfigsvr", "set_app_settings", new { CallbackUrl = receiver.Url, CallbackCommands = new[] { Before, After } });
        try
        {
            var trace = await lab.SendAsync(accounts[0], accounts[1]);
            var spans = await lab.SpansAsync(trace, spans => spans.Any(span => span.Name == $"job {Queue}") && spans.Any(span => span.Name == $"callback {After}"));

            var command = Assert.Single(spans, span => span.Name == "openim/sendmsg");
            var before = Assert.Single(spans, span => span.Name == $"callback {Before}");
            Assert.Equal((command.SpanId, ReceivedSpan.Client, "Answered"), (before.ParentId, before.Kind, before["parley.outcome"]));
            var enqueued = Assert.Single(spans, span => span.Name == $"enqueue {Queue}");
            var job = Assert.Single(spans, span => span.Name == $"job {Queue}");
            Assert.Equal(enqueued.SpanId, job.ParentId);
            var after = Assert.Single(spans, span => span.Name == $"callback {After}");
            Assert.Equal((job.SpanId, "Answered"), (after.ParentId, after["parley.outcome"]));
            // What other tests had no answer to comes again, to whatever receiver there is.
            IEnumerable<ReceivedCallback> Of(string command) => receiver.Of(command).Where(callback => callback.Body.GetProperty("From_Account").GetString() == accounts[0]);
            Assert.Equal($"00-{trace}-{before.SpanId}-01", Assert.Single(Of(Before)).Headers["traceparent"]);
            Assert.Equal($"00-{trace}-{after.SpanId}-01", Assert.Single(Of(After)).Headers["traceparent"]);
        }
        finally
        {
            await lab.Api.CallOkAsync("openconfigsvr", "set_app_settings", new { CallbackUrl = "" });
        }
    }

    [Fact]
    public async Task A_callback_that_shares_a_job_stays_in_the_trace_of_its_own_message()
    {
        const int Calls = 3;
        var lab = await shared.StartedAsync();
        var accounts = await lab.ImportAsync("share-mia", "share-jonas");
        await using var receiver = await CallbackReceiver.StartAsync();
        await lab.Api.CallOkAsync("openconfigsvr", "set_app_settings", new { CallbackUrl = receiver.Url, CallbackCommands = new[] { After } });
        try
        {
            // The first job waits in the queue for as long as the host polls; what comes within half a second shares one more.
            var traces = new List<string>();
            for (var n = 0; n < Calls; n++)
            {
                traces.Add(await lab.SendAsync(accounts[0], accounts[1]));
            }

            foreach (var trace in traces)
            {
                // A part of the job in the same trace, or linked to one in another's.
                await lab.SpansAsync(trace, spans => spans.SingleOrDefault(span => span.Name == $"callback {After}") is { } callback
                    && (callback.Links.Count == 1 || spans.Any(span => span.SpanId == callback.ParentId && span.Name == $"job {Queue}")));
            }
        }
        finally
        {
            await lab.Api.CallOkAsync("openconfigsvr", "set_app_settings", new { CallbackUrl = "" });
        }
    }
}
