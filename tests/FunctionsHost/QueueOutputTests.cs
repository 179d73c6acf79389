using System.Text;
using Microsoft.Extensions.Logging;
using Parley.Tests.Support;

namespace Parley.Tests.FunctionsHost;

public sealed class QueueOutputTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData("""{"Outputs":{"more":"plain text!"}}""", "plain text!")]
    [InlineData("""{"outputs":{"MORE":{"a":1}}}""", "{\n  \"a\": 1\n}")]
    [InlineData("""{"Outputs":{"more":["one!","two!"]}}""", "one!|two!")]
    [InlineData("""{"Outputs":{"more":"[\"one!\",{\"b\":2}]"}}""", "one!|{\n  \"b\": 2\n}")]
    [InlineData("""{"ReturnValue":{"more":"returned!"}}""", "returned!")]
    [InlineData("""{"Outputs":{"more":"aGVsbG8="}}""", "hello")]
    public async Task An_output_becomes_messages_and_text_that_looks_like_base64_is_decoded(string answer, string expected)
    {
        await using var host = await QueueHost.StartAsync(azurite);
        host.App.Script.OnCall = _ => Task.FromResult(HandlerAnswer.Json(answer));
        await Eventually.HoldsAsync(async () => await host.Queue.ExistsAsync());
        await host.Queue.SendMessageAsync(Convert.ToBase64String("go"u8), TestContext.Current.CancellationToken);

        await QueueHost.FirstMessageAsync(host.Output);
        await Eventually.HoldsAsync(() => QueueHost.IsEmptyAsync(host.Queue));

        var messages = await host.Output.PeekMessagesAsync(10, TestContext.Current.CancellationToken);
        var texts = messages.Value.Select(message => Encoding.UTF8.GetString(Convert.FromBase64String(message.MessageText)));
        Assert.Equal(expected, string.Join('|', texts).ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Lines_in_Logs_are_logged_and_outputs_of_a_failure_are_ignored()
    {
        await using var host = await QueueHost.StartAsync(azurite, "\"maxDequeueCount\": 1");
        host.App.Script.OnCall = call => Task.FromResult(HandlerAnswer.Json("""{"Logs":["from the handler"]}"""));
        await Eventually.HoldsAsync(async () => await host.Queue.ExistsAsync());
        await host.Queue.SendMessageAsync(Convert.ToBase64String("go"u8), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => host.App.Log.Has(LogLevel.Information, "from the handler"));

        host.App.Script.OnCall = call => Task.FromResult(HandlerAnswer.Json("""{"Outputs":{"more":"x!"}}""") with { Status = 500 });
        await host.Queue.SendMessageAsync(Convert.ToBase64String("fail"u8), TestContext.Current.CancellationToken);

        await QueueHost.FirstMessageAsync(host.Poison);
        Assert.False(await host.Output.ExistsAsync(TestContext.Current.CancellationToken));
    }
}
