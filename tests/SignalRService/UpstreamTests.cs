using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MessagePack;
using Microsoft.AspNetCore.SignalR.Client;
using Parley.Local.SignalRService;
using Parley.Tests.Support;

namespace Parley.Tests.SignalRService;

public sealed class UpstreamTests
{
    [Fact]
    public async Task Events_carry_the_documented_headers_and_signatures()
    {
        await using var upstream = await UpstreamReceiver.StartAsync();
        await using var service = await TestService.StartAsync(
            options => options with { SecondaryAccessKey = "second", Upstream = [upstream.Template] });
        var claims = service.ClientClaims("app:世界");
        claims["role"] = new[] { "admin", "user" };
        claims["asrs.u.iss"] = "renamed";
        claims["iat"] = 1;
        await using var client = await service.ConnectAsync(token: TestToken.Make(claims), query: "&device=phone%201");

        var call = await upstream.NextAsync("connected");

        Assert.Equal(("POST", "/up/chat/connections/connected"), (call.Method, call.Path));
        Assert.Equal("application/json", call.Header("Content-Type"));
        Assert.Equal(10, (int)JsonNode.Parse(call.Text)!["type"]!);
        Assert.Equal(client.Id, call.Header("X-ASRS-Connection-Id"));
        Assert.Equal("chat", call.Header("X-ASRS-Hub"));
        Assert.Equal("connections", call.Header("X-ASRS-Category"));
        Assert.Equal("app:世界", call.Header("X-ASRS-User-Id"));
        Assert.Equal("role: admin, role: user, iss: renamed", call.Header("X-ASRS-User-Claims"));
        var query = call.Header("X-ASRS-Client-Query")!;
        Assert.StartsWith("?", query, StringComparison.Ordinal);
        Assert.Contains("device=phone%201", query, StringComparison.Ordinal);
        Assert.DoesNotContain("access_token", query, StringComparison.Ordinal);
        Assert.Equal($"sha256={Mac(TestToken.Key, client.Id)},sha256={Mac("second", client.Id)}", call.Header("X-ASRS-Signature"), ignoreCase: true);
    }

    [Fact]
    public async Task An_anonymous_client_has_no_user_header()
    {
        await using var upstream = await UpstreamReceiver.StartAsync();
        await using var service = await TestService.StartAsync(options => options with { Upstream = [upstream.Template] });
        await using var client = await service.ConnectAsync();

        Assert.Null((await upstream.NextAsync("connected")).Header("X-ASRS-User-Id"));
    }

    [Fact]
    public async Task A_message_goes_up_as_the_client_sent_it()
    {
        await using var upstream = await UpstreamReceiver.StartAsync();
        await using var service = await TestService.StartAsync(options => options with { Upstream = [upstream.Template] });
        await using var raw = await RawClient.ConnectAsync(service, "mia");

        await raw.SendAsync("""{"arguments":[1.10,"é"],"target":"say it","type":1}""");
        var json = await upstream.NextAsync("say it");
        Assert.Equal("""{"arguments":[1.10,"é"],"target":"say it","type":1}""", json.Text);
        Assert.Equal("application/json", json.Header("Content-Type"));
        Assert.Equal("messages", json.Header("X-ASRS-Category"));
        Assert.Equal("/up/chat/messages/say it", json.Path);

        await using var packed = await service.ConnectAsync("mia", messagePack: true);
        await packed.Connection.InvokeAsync("say", "x", 7, TestService.Stop);
        var messagePack = await upstream.NextAsync("say");
        Assert.Equal("application/x-msgpack", messagePack.Header("Content-Type"));
        Assert.Equal("""[1,{},"1","say",["x",7],[]]""", MessagePackSerializer.ConvertToJson(messagePack.Body, cancellationToken: TestService.Stop));
    }

    [Fact]
    public async Task A_connection_can_be_reached_while_upstream_handles_connected()
    {
        await using var upstream = await UpstreamReceiver.StartAsync();
        await using var service = await TestService.StartAsync(options => options with { Upstream = [upstream.Template] });
        var status = 0;
        upstream.Answers["connections"] = async (_, call) =>
        {
            if (call.Header("X-ASRS-Event") == "connected")
            {
                status = await service.StatusAsync("PUT", $"chat/groups/room/connections/{call.Header("X-ASRS-Connection-Id")}");
            }
        };

        await using var client = await service.ConnectAsync("mia");

        await upstream.NextAsync("connected");
        Assert.Equal(200, status);
        Assert.Equal(200, await service.StatusAsync("HEAD", "chat/groups/room"));
    }

    [Fact]
    public async Task Messages_of_one_connection_go_up_one_after_the_other()
    {
        await using var upstream = await UpstreamReceiver.StartAsync();
        await using var service = await TestService.StartAsync(options => options with { Upstream = [upstream.Template] });
        var (running, most) = (0, 0);
        upstream.AnswerMessages(async (_, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
        });
        await using var client = await service.ConnectAsync("mia");

        for (var i = 0; i < 50; i++)
        {
            await client.Connection.SendAsync("count", i, TestService.Stop);
        }

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(i, (int)JsonNode.Parse((await upstream.NextAsync("count")).Text)!["arguments"]![0]!);
        }

        Assert.Equal(1, most);
    }

    [Fact]
    public async Task The_first_matching_rule_wins_and_rules_can_be_replaced()
    {
        await using var first = await UpstreamReceiver.StartAsync();
        await using var second = await UpstreamReceiver.StartAsync();
        await using var service = await TestService.StartAsync(options => options with
        {
            Upstream =
            [
                first.Template with { HubPattern = "elsewhere" },
                first.Template with { CategoryPattern = "messages", EventPattern = "a, b" },
                second.Template,
            ],
        });
        await using var client = await service.ConnectAsync("mia");
        await client.Connection.InvokeAsync("c", TestService.Stop);
        await client.Connection.InvokeAsync("b", TestService.Stop);
        Assert.Equal("b", (await first.NextAsync()).Header("X-ASRS-Event"));
        Assert.Equal("connected", (await second.NextAsync()).Header("X-ASRS-Event"));
        Assert.Equal("c", (await second.NextAsync()).Header("X-ASRS-Event"));

        service.Emulator.Upstream = [first.Template];
        await client.Connection.InvokeAsync("c", TestService.Stop);

        Assert.Equal("c", (await first.NextAsync()).Header("X-ASRS-Event"));
    }

    [Fact]
    public async Task A_failing_upstream_is_logged_and_leaves_the_connection_open()
    {
        await using var upstream = await UpstreamReceiver.StartAsync();
        upstream.Answers["connections"] = Fail;
        using var log = new RecordedLog();
        await using var service = await TestService.StartAsync(options => options with { Upstream = [upstream.Template] }, log);
        await using var client = await service.ConnectAsync("mia");
        await upstream.NextAsync("connected");
        await Eventually.HoldsAsync(() => log.Lines.Any(line => line.Contains("connected with 500", StringComparison.Ordinal)), "the failure is logged");

        service.Emulator.Upstream = [new UpstreamTemplate("http://127.0.0.1:1/nobody")];
        await client.Connection.SendAsync("hello", TestService.Stop);
        await Eventually.HoldsAsync(
            () => log.Lines.Any(line => line.Contains("did not answer hello", StringComparison.Ordinal)), "the absence is logged");

        using var sent = await service.NoteAsync("chat/users/mia/:send", "alive");
        Assert.Equal("alive", await client.NextNoteAsync());
        return;

        static Task Fail(Microsoft.AspNetCore.Http.HttpContext context, UpstreamReceiver.Call call)
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        }
    }

    private static string Mac(string key, string text) =>
        Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(text))).ToLower(CultureInfo.InvariantCulture);
}
