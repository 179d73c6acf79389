using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Parley.Tests.Support;

namespace Parley.Tests.FunctionsHost;

public sealed class QueueTriggerTests(AzuriteFixture azurite)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_arrives_in_an_envelope_with_its_text_encoded_twice_and_is_deleted_after_success()
    {
        await using var host = await QueueHost.StartAsync(azurite);
        var sent = await SendAsync(host, "plain \"text\" 你好");

        var call = await host.App.Script.FirstCallAsync();

        var metadata = call.Json["Metadata"]!.AsObject();
        Assert.Equal(("POST", "/work"), (call.Method, call.Target));
        Assert.Equal("application/json; charset=utf-8", call.Header("Content-Type"));
        Assert.Equal("chunked", call.Header("Transfer-Encoding"));
        Assert.StartsWith("Azure-Functions-Host/", call.Header("User-Agent"), StringComparison.Ordinal);
        Assert.True(Guid.TryParse(call.Header("X-Azure-Functions-InvocationId"), out _));
        Assert.NotEmpty(call.Header("X-Azure-Functions-HostVersion"));
        Assert.Equal(["Data", "Metadata"], call.Json.Select(member => member.Key));
        Assert.Equal("plain \"text\" 你好", Inner(call.Json["Data"]!["item"]));
        Assert.Equal(
            ["DequeueCount", "ExpirationTime", "Id", "InsertionTime", "NextVisibleTime", "PopReceipt", "sys"],
            metadata.Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal("1", (string?)metadata["DequeueCount"]);
        Assert.Equal(sent, Inner(metadata["Id"]));
        Assert.NotEmpty(Inner(metadata["PopReceipt"]));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$", (string?)metadata["InsertionTime"]);
        Assert.Equal("work", (string?)metadata["sys"]!["MethodName"]);
        Assert.True(Guid.TryParse((string?)metadata["sys"]!["RandGuid"], out _));
        await Eventually.HoldsAsync(() => QueueHost.IsEmptyAsync(host.Queue));
        Assert.Single(host.App.Script.Calls);
    }

    [Fact]
    public async Task The_properties_of_a_json_message_become_metadata_and_replace_the_same_names()
    {
        await using var host = await QueueHost.StartAsync(azurite);
        const string Text = """{"id":"mine","n":5,"flag":true,"nothing":null,"nested":{"a":1},"list":[1],"workTrigger":"x"}""";
        await SendAsync(host, Text);

        var call = await host.App.Script.FirstCallAsync();

        var metadata = call.Json["Metadata"]!.AsObject();
        Assert.Equal(Text, Inner(call.Json["Data"]!["item"]));
        Assert.Equal("mine", Inner(metadata["Id"]));
        Assert.False(metadata.ContainsKey("id"));
        Assert.Equal("5", Inner(metadata["n"]));
        Assert.Equal("True", Inner(metadata["flag"]));
        Assert.Equal("", Inner(metadata["nothing"]));
        Assert.Equal(1, (int?)metadata["nested"]!["a"]);
        Assert.False(metadata.ContainsKey("list"));
        Assert.False(metadata.ContainsKey("workTrigger"));
    }

    [Fact]
    public async Task A_failing_message_is_tried_again_and_ends_in_the_poison_queue_with_its_body_only()
    {
        await using var host = await QueueHost.StartAsync(azurite, "\"maxDequeueCount\": 3, \"visibilityTimeout\": \"00:00:00\"");
        host.App.Script.OnCall = _ => Task.FromResult(HandlerAnswer.Done with { Status = 500 });
        var sent = await SendAsync(host, "bad");

        var poison = await QueueHost.FirstMessageAsync(host.Poison);

        Assert.Equal(Base64("bad"), poison);
        Assert.Equal(["1", "2", "3"], host.App.Script.Calls.Select(call => (string?)call.Json["Metadata"]!["DequeueCount"]));
        await Eventually.HoldsAsync(() => QueueHost.IsEmptyAsync(host.Queue));
        var moved = await host.Poison.ReceiveMessageAsync(cancellationToken: Stop);
        Assert.NotEqual(sent, moved.Value.MessageId);
    }

    [Theory]
    [InlineData("", "application/json", "empty body")]
    [InlineData("""{"Outputs":{}}""", "text/plain", "content type 'text/plain'")]
    [InlineData("[]", "application/json", "no JSON object")]
    [InlineData("null", "application/json", "no JSON object")]
    [InlineData("{", "application/json", "no JSON object")]
    public async Task A_success_without_a_json_object_is_a_failure_that_names_the_function(string body, string contentType, string reason)
    {
        await using var host = await QueueHost.StartAsync(azurite, "\"maxDequeueCount\": 1");
        host.App.Script.OnCall = _ => Task.FromResult(new HandlerAnswer { Body = body, Headers = new Dictionary<string, string> { ["Content-Type"] = contentType } });
        await SendAsync(host, "text");

        Assert.Equal(Base64("text"), await QueueHost.FirstMessageAsync(host.Poison));

        Assert.True(host.App.Log.Has(LogLevel.Error, "'work'", reason));
    }

    [Fact]
    public async Task A_message_that_is_not_base64_goes_to_the_poison_queue_unseen()
    {
        await using var host = await QueueHost.StartAsync(azurite);
        await Eventually.HoldsAsync(async () => await host.Queue.ExistsAsync());
        await host.Queue.SendMessageAsync("plain text!", Stop);

        Assert.Equal("plain text!", await QueueHost.FirstMessageAsync(host.Poison));

        Assert.Empty(host.App.Script.Calls);
        Assert.True(host.App.Log.Has(LogLevel.Error, "'work'", "base64"));
    }

    [Fact]
    public async Task With_messageEncoding_none_text_is_taken_as_it_is()
    {
        await using var host = await QueueHost.StartAsync(azurite, "\"messageEncoding\": \"none\"");
        await Eventually.HoldsAsync(async () => await host.Queue.ExistsAsync());
        await host.Queue.SendMessageAsync("plain text!", Stop);

        Assert.Equal("plain text!", Inner((await host.App.Script.FirstCallAsync()).Json["Data"]!["item"]));
    }

    [Fact]
    public async Task No_more_messages_run_at_once_than_a_batch_and_the_threshold()
    {
        await using var host = await QueueHost.StartAsync(azurite, "\"batchSize\": 2, \"newBatchThreshold\": 1");
        var (running, most, released) = (0, 0, new TaskCompletionSource());
        host.App.Script.OnCall = async _ =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            await released.Task;
            Interlocked.Decrement(ref running);
            return HandlerAnswer.Done;
        };
        for (var i = 0; i < 9; i++)
        {
            await SendAsync(host, $"{i}");
        }

        await host.App.Script.NthCallAsync(2);
        released.SetResult();

        await host.App.Script.NthCallAsync(9);
        Assert.InRange(most, 2, 3);
        await Eventually.HoldsAsync(() => QueueHost.IsEmptyAsync(host.Queue));
    }

    [Fact]
    public async Task A_message_whose_handler_crashed_is_given_to_the_next_process()
    {
        await using var host = await QueueHost.StartAsync(azurite);
        var never = new TaskCompletionSource<HandlerAnswer>();
        host.App.Script.OnCall = _ => never.Task;
        await SendAsync(host, "survivor");
        var first = await host.App.Script.FirstCallAsync();

        host.App.Script.OnCall = _ => Task.FromResult(HandlerAnswer.Done);
        host.App.KillHandler();

        var second = await host.App.Script.NthCallAsync(2);
        Assert.NotEqual(first.ProcessId, second.ProcessId);
        Assert.Equal("survivor", Inner(second.Json["Data"]!["item"]));
        await Eventually.HoldsAsync(() => QueueHost.IsEmptyAsync(host.Queue));
        never.SetResult(HandlerAnswer.Done);
    }

    [Fact]
    public async Task A_message_that_runs_when_the_host_stops_can_be_received_again_at_once()
    {
        await using var host = await QueueHost.StartAsync(azurite);
        var never = new TaskCompletionSource<HandlerAnswer>();
        host.App.Script.OnCall = _ => never.Task;
        await SendAsync(host, "later");
        await host.App.Script.FirstCallAsync();

        await host.App.StopAsync();

        var again = await host.Queue.ReceiveMessageAsync(cancellationToken: Stop);
        Assert.Equal((Base64("later"), 2), (again.Value.MessageText, again.Value.DequeueCount));
        never.SetResult(HandlerAnswer.Done);
    }

    /// <summary>Sends in the encoding that the host expects by default; gives the message's id.</summary>
    private static async Task<string> SendAsync(QueueHost host, string text)
    {
        await Eventually.HoldsAsync(async () => await host.Queue.ExistsAsync());
        var receipt = await host.Queue.SendMessageAsync(Base64(text));
        return receipt.Value.MessageId;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Inner(JsonNode? value) => (string)JsonNode.Parse((string)value!)!;

    private static void InterlockedMax(ref int target, int value)
    {
        var seen = Volatile.Read(ref target);
        while (seen < value && Interlocked.CompareExchange(ref target, value, seen) is var now && now != seen)
        {
            seen = now;
        }
    }
}
