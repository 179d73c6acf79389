using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class BatchSendTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task All_receivers_get_the_message_under_one_key()
    {
        var environment = await fixture.StartedAsync();
        var sender = await environment.ImportAsync("sender");
        var receivers = Enumerable.Range(0, 40).Select(_ => environment.NewAccount("receiver")).ToArray();
        await environment.Api.ImportAsync(receivers);
        await using var client = await environment.ConnectAsync(receivers[7]);

        var answer = await SendAsync(environment, sender, receivers);

        Assert.Equal("OK", answer.GetProperty("ActionStatus").GetString());
        Assert.False(answer.TryGetProperty("ErrorList", out _));
        var key = answer.GetProperty("MsgKey").GetString();
        Assert.Equal(key, (await client.WaitForAsync(_ => true)).GetProperty("MsgKey").GetString());
        foreach (var receiver in receivers)
        {
            Assert.Equal(key, Assert.Single(await environment.HistoryAsync(receiver, sender)).GetProperty("MsgKey").GetString());
            Assert.Equal(key, Assert.Single(await environment.HistoryAsync(sender, receiver)).GetProperty("MsgKey").GetString());
        }
    }

    [Fact]
    public async Task An_unknown_receiver_is_named_and_hinders_no_other()
    {
        var environment = await fixture.StartedAsync();
        var (sender, known) = (await environment.ImportAsync("sender"), await environment.ImportAsync("known"));

        var answer = await SendAsync(environment, sender, [known, "nobody", "an-account-name-that-is-far-too-long", known]);

        Assert.Equal("SomeError", answer.GetProperty("ActionStatus").GetString());
        Assert.Equal(0, answer.GetProperty("ErrorCode").GetInt32());
        Assert.Equal(
            [("nobody", 70107), ("an-account-name-that-is-far-too-long", 70107)],
            answer.GetProperty("ErrorList").EnumerateArray().Select(error => (error.GetProperty("To_Account").GetString(), error.GetProperty("ErrorCode").GetInt32())));
        Assert.Single(await environment.HistoryAsync(known, sender));
    }

    [Fact]
    public async Task Nobody_known_fails_as_a_whole()
    {
        var environment = await fixture.StartedAsync();
        var sender = await environment.ImportAsync("sender");

        var answer = await SendAsync(environment, sender, ["nobody", "no one"]);

        Assert.Equal("FAIL", answer.GetProperty("ActionStatus").GetString());
        Assert.Equal(90012, answer.GetProperty("ErrorCode").GetInt32());
    }

    [Theory]
    [InlineData("""{"To_Account":"text"}""", 90003)]
    [InlineData("""{"To_Account":[]}""", 90003)]
    [InlineData("""{"To_Account":[1]}""", 90003)]
    [InlineData("""{"MsgSeq":"x"}""", 90004)]
    [InlineData("""{"MsgSeq":4294967296}""", 90004)]
    [InlineData("""{"MsgRandom":null}""", 90005)]
    [InlineData("""{"From_Account":"nobody at all"}""", 90008)]
    public async Task Bad_fields_have_their_codes(string fields, int code)
    {
        var environment = await fixture.StartedAsync();
        var body = Messages.Text("administrator", "", "x");
        body["To_Account"] = new JsonArray("alice");
        foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        Assert.Equal(code, (await environment.Api.CallAsync("openim", "batchsendmsg", body.ToJsonString())).GetProperty("ErrorCode").GetInt32());
    }

    [Fact]
    public async Task More_than_500_receivers_are_too_many()
    {
        var environment = await fixture.StartedAsync();

        var answer = await SendAsync(environment, "administrator", [.. Enumerable.Range(0, 501).Select(n => $"r{n}")]);

        Assert.Equal(90011, answer.GetProperty("ErrorCode").GetInt32());
    }

    private static Task<JsonElement> SendAsync(LocalEnvironment environment, string from, string[] to)
    {
        var body = Messages.Text(from, "", "Office closed tomorrow", 12, 5591);
        body["To_Account"] = new JsonArray([.. to.Select(account => JsonValue.Create(account))]);
        return environment.Api.CallAsync("openim", "batchsendmsg", body.ToJsonString());
    }
}
