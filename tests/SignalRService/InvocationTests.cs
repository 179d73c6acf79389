using System.Text;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Parley.Tests.SignalRService;

public sealed class InvocationTests : IAsyncLifetime
{
    private UpstreamReceiver _upstream = null!;
    private TestService _service = null!;

    public async ValueTask InitializeAsync()
    {
        _upstream = await UpstreamReceiver.StartAsync();
        _service = await TestService.StartAsync(options => options with { Upstream = [_upstream.Template] });
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_completion_made_upstream_is_written_as_it_is(bool messagePack)
    {
        IHubProtocol protocol = messagePack ? new MessagePackHubProtocol() : new JsonHubProtocol();
        Answer(200, protocol.GetMessageBytes(CompletionMessage.WithResult("1", "the result")).ToArray());
        await using var client = await _service.ConnectAsync("mia", messagePack: messagePack);

        Assert.Equal("the result", await client.Connection.InvokeAsync<string>("ask", TestService.Stop));
    }

    [Fact]
    public async Task Bytes_of_an_answer_are_not_touched()
    {
        const string Answered = """{ "type":3 ,"invocationId":"7","result":1.10}""";
        Answer(200, Encoding.UTF8.GetBytes(Answered + "\u001e"));
        await using var raw = await RawClient.ConnectAsync(_service, "mia");

        await raw.SendAsync("""{"type":1,"invocationId":"7","target":"ask","arguments":[]}""");

        Assert.Equal(Answered, await raw.NextAsync());
    }

    [Theory]
    [InlineData(200, false)]
    [InlineData(204, false)]
    [InlineData(200, true)]
    [InlineData(204, true)]
    public async Task An_empty_answer_completes_without_result(int status, bool messagePack)
    {
        Answer(status, []);
        await using var client = await _service.ConnectAsync("mia", messagePack: messagePack);

        await client.Connection.InvokeAsync("ask", TestService.Stop);

        Assert.Equal("ask", (await _upstream.NextAsync("ask")).Header("X-ASRS-Event"));
        Assert.Equal(1, _service.Emulator.Counters.FramesToClients);
    }

    [Theory]
    [InlineData(202, false)]
    [InlineData(401, true)]
    [InlineData(500, false)]
    public async Task Another_status_completes_with_an_error(int status, bool messagePack)
    {
        Answer(status, []);
        await using var client = await _service.ConnectAsync("mia", messagePack: messagePack);

        var error = await Assert.ThrowsAsync<HubException>(() => client.Connection.InvokeAsync("ask", TestService.Stop));

        Assert.Equal($"Invocation failed, status code {status}", error.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_over_16_MiB_completes_with_an_error(bool lengthTold)
    {
        _upstream.AnswerMessages(async (context, _) =>
        {
            const int Length = (16 * 1024 * 1024) + 1;
            context.Response.StatusCode = 200;
            context.Response.ContentLength = lengthTold ? Length : null;
            try
            {
                await context.Response.Body.WriteAsync(new byte[Length]);
            }
            catch (OperationCanceledException)
            {
                // The caller hung up, as it should.
            }
        });
        await using var client = await _service.ConnectAsync("mia");

        var error = await Assert.ThrowsAsync<HubException>(() => client.Connection.InvokeAsync("ask", TestService.Stop));

        Assert.Contains("too large", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_to_a_send_is_ignored()
    {
        Answer(200, Encoding.UTF8.GetBytes("nothing a client could read"));
        await using var client = await _service.ConnectAsync("mia");
        await client.Connection.SendAsync("tell", TestService.Stop);
        await _upstream.NextAsync("tell");

        using var sent = await _service.NoteAsync("chat/:send", "alive");

        Assert.Equal("alive", await client.NextNoteAsync());
    }

    [Fact]
    public async Task Without_a_rule_an_invocation_fails_and_a_send_is_ignored()
    {
        _service.Emulator.Upstream = [];
        await using var client = await _service.ConnectAsync("mia");
        await client.Connection.SendAsync("tell", TestService.Stop);

        var error = await Assert.ThrowsAsync<HubException>(() => client.Connection.InvokeAsync("ask", TestService.Stop));

        Assert.Contains("no upstream", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Streaming_is_refused_in_both_directions(bool messagePack)
    {
        await using var client = await _service.ConnectAsync("mia", messagePack: messagePack);

        var down = await Assert.ThrowsAsync<HubException>(async () =>
        {
            await foreach (var _ in client.Connection.StreamAsync<int>("count", TestService.Stop))
            {
            }
        });
        var up = await Assert.ThrowsAsync<HubException>(() => client.Connection.InvokeAsync("upload", Numbers(), TestService.Stop));

        Assert.Contains("not supported", down.Message, StringComparison.Ordinal);
        Assert.Contains("not supported", up.Message, StringComparison.Ordinal);
        return;

        static async IAsyncEnumerable<int> Numbers()
        {
            await Task.Yield();
            yield return 1;
        }
    }

    private void Answer(int status, byte[] body) => _upstream.AnswerMessages(async (context, _) =>
    {
        context.Response.StatusCode = status;
        if (body.Length > 0)
        {
            await context.Response.Body.WriteAsync(body);
        }
    });
}
