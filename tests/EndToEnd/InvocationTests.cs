using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Parley.Storage;
using Parley.Tests.SignalRService;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>Official clients call commands over the connection on which they receive.</summary>
public sealed class InvocationTests(LocalEnvironmentFixture fixture)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_sends_over_its_connection_and_gets_the_answer_of_the_REST_API()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var phone = await environment.ConnectAsync(mia);
        await using var receiver = await environment.ConnectAsync(jonas);

        var answer = await CallAsync(phone, "openim", "sendmsg", Message(jonas, "Lunch at noon?", 501));

        Assert.Equal(["ActionStatus", "ErrorInfo", "ErrorCode", "MsgTime", "MsgKey"], answer.EnumerateObject().Select(property => property.Name));
        Assert.Equal(0, Code(answer));
        Assert.Equal($"501_7_{answer.GetProperty("MsgTime")}", answer.GetProperty("MsgKey").GetString());
        var received = await receiver.WaitForAsync(_ => true);
        Assert.Equal((mia, "Lunch at noon?"), (received.GetProperty("From_Account").GetString(), Messages.TextOf(received)));
        Assert.Equal(answer.GetProperty("MsgKey").GetString(), received.GetProperty("MsgKey").GetString());
    }

    [Fact]
    public async Task A_client_of_the_MessagePack_protocol_does_so_too()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var receiver = await environment.ConnectAsync(jonas);
        await using var phone = new HubConnectionBuilder().WithUrl(Address(environment, mia)).AddMessagePackProtocol().Build();
        await phone.StartAsync(Stop);
        var message = new Dictionary<string, object>
        {
            ["To_Account"] = jonas,
            ["MsgSeq"] = uint.MaxValue,
            ["MsgRandom"] = 77120934,
            ["MsgBody"] = new object[]
            {
                new Dictionary<string, object>
                {
                    ["MsgType"] = "TIMLocationElem",
                    ["MsgContent"] = new Dictionary<string, object> { ["Desc"] = "世界 😀", ["Latitude"] = 29.340656774469956, ["Longitude"] = -116 },
                },
            },
        };

        var answer = await phone.InvokeAsync<Dictionary<string, object>>("call", "openim", "sendmsg", message, Stop);
        var refused = await phone.InvokeAsync<Dictionary<string, object>>("call", "openim", "sendmsg", """{"To_Account":7}""", Stop);

        Assert.Equal(0, Convert.ToInt64(answer["ErrorCode"], CultureInfo.InvariantCulture));
        Assert.Equal($"{uint.MaxValue}_77120934_{answer["MsgTime"]}", answer["MsgKey"]);
        Assert.Equal(90003, Convert.ToInt64(refused["ErrorCode"], CultureInfo.InvariantCulture));
        var received = await receiver.WaitForAsync(_ => true);
        var content = received.GetProperty("MsgBody")[0].GetProperty("MsgContent");
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse("""{"Desc":"世界 😀","Latitude":29.340656774469956,"Longitude":-116}"""), content), content.GetRawText());
    }

    [Theory]
    [InlineData("json")]
    [InlineData("messagepack")]
    public async Task The_JavaScript_client_does_so_too(string protocol)
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var receiver = await environment.ConnectAsync(jonas);
        await using var phone = await NodeClient.StartAsync(Address(environment, mia).AbsoluteUri, "", "WebSockets", protocol);
        await phone.NextAsync("started");

        await phone.CommandAsync(new JsonObject { ["invoke"] = new JsonArray("call", "openim", "sendmsg", Message(jonas, "from a browser", 5)) });
        var answer = (await phone.NextAsync("result"))["result"]!;
        await phone.CommandAsync(new JsonObject { ["invoke"] = new JsonArray("call", "openim", "sendmsg", """{"To_Account":"\ud800"}""") });
        var refused = (await phone.NextAsync("result"))["result"]!;
        await phone.CommandAsync(new JsonObject { ["invoke"] = new JsonArray("shout", "openim") });

        Assert.Equal($"5_7_{answer["MsgTime"]}", (string?)answer["MsgKey"]);
        Assert.Equal(90001, (int)refused["ErrorCode"]!);
        Assert.Contains("call(service, command, body)", (string?)(await phone.NextAsync("failed"))["error"], StringComparison.Ordinal);
        Assert.Equal("from a browser", Messages.TextOf(await receiver.WaitForAsync(_ => true)));
    }

    [Fact]
    public async Task Errors_have_the_codes_of_the_REST_API()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var client = await environment.ConnectAsync(mia);
        (string Service, string Command, object? Body, int Code)[] cases =
        [
            ("im_open_login_svc", "account_import", new JsonObject { ["UserID"] = "anybody" }, 60010),
            ("openim", "sendmsg", Messages.Text(jonas, mia, "in another's name"), 60010),
            ("openim", "no_such_command", new { }, 60009),
            ("OpenIM", "sendmsg", new { }, 60009),
            ("", "", new { }, 60009),
            ("openim", "sendmsg", new[] { 1 }, 90001),
            ("openim", "sendmsg", null, 90001),
            ("openim", "sendmsg", "no JSON", 90001),
            ("openim", "sendmsg", Messages.Text(mia, "nobody at all", "x"), 90012),
            ("openim", "sendmsg", new JsonObject { ["To_Account"] = jonas, ["Padding"] = new string('x', 300 * 1024) }, 93000),
        ];

        foreach (var (service, command, body, code) in cases)
        {
            var answer = await CallAsync(client, service, command, body);
            var overHttp = await environment.Api.CallAsync(service.Length > 0 ? service : "x", command.Length > 0 ? command : "x", Text(body), mia);
            Assert.Equal(code, Code(answer));
            Assert.Equal(overHttp.GetRawText(), answer.GetRawText());
        }

        Assert.Equal(0, Code(await CallAsync(client, "openim", "sendmsg", Message(jonas, "still connected", 1))));
    }

    [Fact]
    public async Task An_administrator_may_call_over_its_connection_what_it_may_call_over_HTTP()
    {
        var environment = await fixture.StartedAsync();
        var anna = environment.NewAccount("anna");
        await using var admin = await environment.ConnectAsync(environment.Settings.Admin);

        Assert.Equal(0, Code(await CallAsync(admin, "im_open_login_svc", "account_import", new JsonObject { ["UserID"] = anna })));

        var status = await CallAsync(admin, "im_open_login_svc", "account_check", $$"""{"CheckItem":[{"UserID":"{{anna}}"}]}""");
        Assert.Equal("Imported", status.GetProperty("ResultItem")[0].GetProperty("AccountStatus").GetString());
    }

    [Fact]
    public async Task What_is_sent_without_waiting_runs_too()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var receiver = await environment.ConnectAsync(jonas);
        await using var client = await environment.ConnectAsync(mia);

        await client.Hub.SendAsync("call", "openim", "sendmsg", Message(jonas, "no answer wanted", 1), Stop);
        await client.Hub.SendAsync("call", "nonsense", Stop);
        await client.Hub.SendAsync("call", "openim", "sendmsg", Message(jonas, "the next", 2).ToJsonString(), Stop);

        var received = await receiver.WaitForCountAsync(2, _ => true);
        Assert.Equal(["no answer wanted", "the next"], Messages.TextsOf(received.OrderBy(item => item.GetProperty("Seq").GetInt64())));
    }

    [Fact]
    public async Task Anything_but_a_command_is_refused_with_an_error_that_says_what_there_is()
    {
        var environment = await fixture.StartedAsync();
        await using var client = await environment.ConnectAsync(await environment.ImportAsync("mia"));

        foreach (var invoke in new Func<Task>[]
        {
            () => client.Hub.InvokeAsync("send", "x", Stop),
            () => client.Hub.InvokeAsync("call", Stop),
            () => client.Hub.InvokeAsync("call", "openim", "sendmsg", Stop),
            () => client.Hub.InvokeAsync("call", 1, 2, 3, Stop),
        })
        {
            Assert.Contains("call(service, command, body)", (await Assert.ThrowsAsync<HubException>(invoke)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_forged_invocation_is_refused_and_sends_nothing()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var signature = $"sha256={Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes("no key of the service"), "c1"u8))}";
        var message = new JsonObject
        {
            ["type"] = 1,
            ["invocationId"] = "1",
            ["target"] = "call",
            ["arguments"] = new JsonArray("openim", "sendmsg", Message(jonas, "forged", 1)),
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/upstream/{new string('x', 64)}", UriKind.Relative));
        request.Headers.Add("X-ASRS-Connection-Id", "c1");
        request.Headers.Add("X-ASRS-Hub", $"parley_{environment.Settings.SdkAppId}");
        request.Headers.Add("X-ASRS-Category", "messages");
        request.Headers.Add("X-ASRS-Event", "call");
        request.Headers.Add("X-ASRS-User-Id", new AccountKey(environment.Settings.SdkAppId, mia).SignalRUser);
        request.Headers.Add("X-ASRS-Signature", signature);
        request.Content = new StringContent(message.ToJsonString(), Encoding.UTF8, "application/json");

        using var answer = await environment.Api.Http.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Empty(await environment.HistoryAsync(jonas, mia));
    }

    private static Task<JsonElement> CallAsync(ClientConnection client, string service, string command, object? body) =>
        client.Hub.InvokeAsync<JsonElement>("call", service, command, body, Stop);

    // As HTTP would carry what the client gives as a body: a text is JSON already.
    private static string Text(object? body) => body as string ?? JsonSerializer.Serialize(body);

    private static int Code(JsonElement answer) => answer.GetProperty("ErrorCode").GetInt32();

    private static JsonObject Message(string to, string text, uint seq)
    {
        var message = Messages.Text("", to, text, seq);
        message.Remove("From_Account");
        return message;
    }

    private static Uri Address(LocalEnvironment environment, string account) => new(
        $"{environment.Settings.Api}/client?sdkappid={environment.Settings.SdkAppId}&identifier={account}&usersig={Uri.EscapeDataString(environment.Api.Sign(account))}");
}
