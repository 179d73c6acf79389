using System.Globalization;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>One trace from the call of a client to the last thing that is done for it.</summary>
[Collection(TelemetryLab.Collection)]
public sealed class TraceTests(TelemetryLab shared)
{
    private const string Queue = "parley-deliver";

    [Fact]
    public async Task A_message_is_one_trace_from_the_call_through_storage_to_its_delivery()
    {
        var lab = await shared.StartedAsync();
        var accounts = await lab.ImportAsync("trace-mia", "trace-jonas");
        await lab.SendAsync(accounts[0], accounts[1]);

        var trace = await lab.SendAsync(accounts[0], accounts[1]);
        var spans = await lab.SpansAsync(trace, spans => spans.Any(span => span.Name == "signalr send") && spans.Any(span => span.Kind == ReceivedSpan.Server)
            && spans.Any(span => span.Name == "deliver account"));

        // The host stands between the client and the handler, so the parent of the first is the host's.
        var function = Assert.Single(spans, span => span.Kind == ReceivedSpan.Server);
        Assert.Equal(("POST /v4/openim/sendmsg", "/v4/openim/sendmsg", "200"), (function.Name, function["http.route"], function["http.response.status_code"]));
        Assert.NotEqual("", function.ParentId);
        Assert.DoesNotContain(spans, span => span.SpanId == function.ParentId);
        var command = Assert.Single(spans, span => span.Name == "openim/sendmsg");
        Assert.Equal((function.SpanId, "0"), (command.ParentId, command["parley.code"]));
        var transactions = spans.Where(span => span.Name == "transaction accounts").ToList();
        Assert.Equal(2, transactions.Count);
        Assert.All(transactions, span => Assert.Equal((command.SpanId, ReceivedSpan.Client, "ok"), (span.ParentId, span.Kind, span["parley.outcome"])));
        Assert.All(transactions, span => Assert.True(int.Parse(span["parley.rows"]!, CultureInfo.InvariantCulture) >= 3, span["parley.rows"]));
        var delivery = Assert.Single(spans, span => span.Name == "deliver account");
        Assert.Equal((command.SpanId, "1"), (delivery.ParentId, delivery["parley.events"]));
        Assert.Equal(delivery.SpanId, Assert.Single(spans, span => span.Name == "signalr send").ParentId);
        Assert.All(spans, span => Assert.False(span.IsError));
    }

    [Fact]
    public async Task Reading_shows_how_many_rows_a_query_gave()
    {
        var lab = await shared.StartedAsync();
        var accounts = await lab.ImportAsync("rows-mia", "rows-jonas");
        for (var n = 0; n < 3; n++)
        {
            await lab.SendAsync(accounts[0], accounts[1]);
        }

        var trace = await lab.CallAsync("openim", "admin_getroammsg", $$"""{"Operator_Account":"{{accounts[0]}}","Peer_Account":"{{accounts[1]}}","MaxCnt":10,"MinTime":0,"MaxTime":9999999999}""");
        var spans = await lab.SpansAsync(trace, spans => spans.Any(span => span.Name == "query accounts") && spans.Any(span => span.Kind == ReceivedSpan.Server));

        Assert.Contains(spans, span => span.Name == "query accounts" && span["parley.rows"] == "3");
    }

    [Fact]
    public async Task A_delivery_that_failed_goes_on_in_the_same_trace_when_the_queue_brings_it()
    {
        var lab = await shared.StartedAsync();
        var accounts = await lab.ImportAsync("queue-mia", "queue-jonas");
        var (done, ages) = Jobs();
        // The outbox tries twice.
        lab.SignalR.Plan = FaultPlans.Script(request => request.Target.Contains(accounts[1], StringComparison.Ordinal), Fault.Answer(503), Fault.Answer(503));

        var trace = await lab.SendAsync(accounts[0], accounts[1]);
        var spans = await lab.SpansAsync(trace, spans => spans.Count(span => span.Name == "signalr send") == 3 && spans.Any(span => span.Name == $"job {Queue}"));

        var delivery = Assert.Single(spans, span => span.Name == "deliver account");
        var failed = spans.Where(span => span.Name == "signalr send" && span.ParentId == delivery.SpanId).ToList();
        Assert.Equal(["throttled", "throttled"], failed.Select(span => span["parley.outcome"]));
        Assert.All(failed, span => Assert.True(span.IsError));
        var enqueued = Assert.Single(spans, span => span.Name == $"enqueue {Queue}");
        Assert.Equal((delivery.SpanId, ReceivedSpan.Producer), (enqueued.ParentId, enqueued.Kind));
        var job = Assert.Single(spans, span => span.Name == $"job {Queue}");
        Assert.Equal((enqueued.SpanId, ReceivedSpan.Consumer, "1"), (job.ParentId, job.Kind, job["parley.attempt"]));
        Assert.Equal("ok", Assert.Single(spans, span => span.Name == "signalr send" && span.ParentId == job.SpanId)["parley.outcome"]);
        // The call of the host that brought the job has a trace of its own.
        Assert.Contains(lab.Collector.Spans, span => span.Name == "POST /deliver" && job.IsLinkedTo(span.TraceId));

        await lab.CollectAsync();
        Assert.Equal((done + 1, ages + 1), Jobs());

        // Callbacks of other tests may still be under way.
        (double Done, double Ages) Jobs() => (lab.Total("parley.jobs", ("outcome", "done"), ("queue", Queue)), lab.Total("parley.queue.age", ("queue", Queue)));
    }

    [Fact]
    public async Task A_job_that_is_given_up_is_an_error_of_its_trace_and_a_dead_letter()
    {
        var lab = await shared.StartedAsync();
        var accounts = await lab.ImportAsync("dead-mia", "dead-jonas");
        var letters = lab.Total("parley.deadletters", ("kind", "deliver"));
        lab.SignalR.Plan = request => request.Target.Contains(accounts[1], StringComparison.Ordinal) ? Fault.Answer(500) : Fault.None;

        var trace = await lab.SendAsync(accounts[0], accounts[1]);
        var spans = await lab.SpansAsync(trace, spans => spans.Any(span => span.Name == $"job {Queue}"));

        var job = Assert.Single(spans, span => span.Name == $"job {Queue}");
        Assert.True(job.IsError);
        Assert.Equal("System.Net.Http.HttpRequestException", job["error.type"]);
        await lab.CollectAsync();
        Assert.Equal(letters + 1, lab.Total("parley.deadletters", ("kind", "deliver")));
    }

    [Fact]
    public async Task A_transaction_for_several_calls_is_in_the_trace_of_the_first_and_linked_to_the_others()
    {
        const int Calls = 8;
        var lab = await shared.StartedAsync();
        var accounts = await lab.ImportAsync([.. Enumerable.Range(0, Calls).Select(n => $"link-sender{n}"), "link-receiver"]);
        var receiver = accounts[^1];
        foreach (var sender in accounts.SkipLast(1))
        {
            await lab.SendAsync(sender, receiver);
        }

        // All transactions wait until every call has come, so that those to the receiver meet.
        var (answered, until) = (new TaskCompletionSource(), new TaskCompletionSource());
        lab.Tables.Plan = request => request.Kind == RequestKind.Batch ? Fault.HoldAnswer(answered, until.Task) : Fault.None;
        lab.Tables.ResetCounts();
        var calls = accounts.SkipLast(1).Select(sender => lab.SendAsync(sender, receiver)).ToList();
        await Eventually.HoldsAsync(() => lab.Tables.Count(RequestKind.Batch) == Calls + 1);
        lab.Tables.Plan = FaultPlans.None;
        until.SetResult();
        var traces = await Task.WhenAll(calls);

        foreach (var trace in traces)
        {
            await lab.SpansAsync(trace, spans => spans.Any(span => span.Kind == ReceivedSpan.Server));
        }

        var transactions = lab.Collector.Spans.Where(span => span.Name == "transaction accounts" && traces.Any(trace => span.TraceId == trace)).ToList();
        // Not all calls need to have reached the receiver's partition when the transactions go on, and so they may share two.
        var links = transactions.Sum(span => span.Links.Count);
        Assert.InRange(links, 1, Calls - 2);
        Assert.Equal((2 * Calls) - links, transactions.Count);
        Assert.All(traces, trace => Assert.Contains(transactions, span => span.TraceId == trace || span.IsLinkedTo(trace)));
    }
}
