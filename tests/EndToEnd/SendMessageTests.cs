using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Connections;
using Parley.Tests.Messages;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class SendMessageTests(LocalEnvironmentFixture fixture)
{
    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.ServerSentEvents)]
    [InlineData(HttpTransportType.LongPolling)]
    public async Task A_connected_client_receives_what_a_backend_sends(HttpTransportType transport)
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var client = await ClientConnection.StartAsync(environment.Api, jonas, transport);

        var answer = await environment.SendAsync(Messages.Text(mia, jonas, "Lunch at noon?", 501, 77120934, ("CloudCustomData", "{\"thread\":9}")));
        var received = await client.WaitForAsync(_ => true);

        Assert.Equal("C2CMessage", received.GetProperty("Type").GetString());
        Assert.Equal($"c2c:{mia}", received.GetProperty("Timeline").GetString());
        Assert.Equal(1, received.GetProperty("Seq").GetInt64());
        Assert.Equal(mia, received.GetProperty("From_Account").GetString());
        Assert.Equal(jonas, received.GetProperty("To_Account").GetString());
        Assert.Equal(501, received.GetProperty("MsgSeq").GetInt64());
        Assert.Equal(77120934, received.GetProperty("MsgRandom").GetInt64());
        Assert.Equal(answer.GetProperty("MsgTime").GetInt64(), received.GetProperty("MsgTimeStamp").GetInt64());
        Assert.Equal($"501_77120934_{answer.GetProperty("MsgTime")}", answer.GetProperty("MsgKey").GetString());
        Assert.Equal(answer.GetProperty("MsgKey").GetString(), received.GetProperty("MsgKey").GetString());
        Assert.Equal("Lunch at noon?", Messages.TextOf(received));
        Assert.Equal("{\"thread\":9}", received.GetProperty("CloudCustomData").GetString());
    }

    [Fact]
    public async Task Both_sides_can_read_the_message_back()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));

        var answer = await environment.SendAsync(Messages.Text(mia, jonas, "你好 \"quoted\" 😀", 5));

        foreach (var (owner, peer) in new[] { (mia, jonas), (jonas, mia) })
        {
            var message = Assert.Single(await environment.HistoryAsync(owner, peer));
            Assert.Equal(mia, message.GetProperty("From_Account").GetString());
            Assert.Equal(jonas, message.GetProperty("To_Account").GetString());
            Assert.Equal(answer.GetProperty("MsgKey").GetString(), message.GetProperty("MsgKey").GetString());
            Assert.Equal("你好 \"quoted\" 😀", Messages.TextOf(message));
            Assert.Equal(0, message.GetProperty("MsgFlagBits").GetInt32());
        }
    }

    [Fact]
    public async Task Every_element_is_delivered_and_kept_as_it_was_sent()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var client = await environment.ConnectAsync(jonas);
        var elements = new JsonArray([.. MessageContentTests.ValidElements.Select(row => JsonNode.Parse(row.Data))]);

        await environment.SendAsync(Messages.Text(mia, jonas, "", more: ("MsgBody", elements)));

        var received = (await client.WaitForAsync(_ => true)).GetProperty("MsgBody").GetRawText();
        var stored = Assert.Single(await environment.HistoryAsync(jonas, mia)).GetProperty("MsgBody").GetRawText();
        Assert.True(JsonNode.DeepEquals(elements, JsonNode.Parse(received)));
        Assert.True(JsonNode.DeepEquals(elements, JsonNode.Parse(stored)));
    }

    [Theory]
    [InlineData(null, 1, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(2, 0, 0)]
    public async Task SyncOtherMachine_decides_what_the_sender_gets(int? syncOtherMachine, int stored, int pushed)
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var sender = await environment.ConnectAsync(mia);
        (string, JsonNode?)[] option = syncOtherMachine is null ? [] : [("SyncOtherMachine", syncOtherMachine)];

        await environment.SendAsync(Messages.Text(mia, jonas, "hello", more: option));

        // Whatever was pushed before this arrives before it.
        await environment.SendAsync(Messages.Text(jonas, mia, "end"));
        await sender.WaitForAsync(message => Messages.TextOf(message) == "end");
        Assert.Equal(pushed, sender.Events.Count(message => Messages.TextOf(message) == "hello"));
        Assert.Equal(stored, (await environment.HistoryAsync(mia, jonas)).Count(message => Messages.TextOf(message) == "hello"));
        Assert.Contains("hello", Messages.TextsOf(await environment.HistoryAsync(jonas, mia)));
    }

    [Theory]
    [InlineData("OnlineOnlyFlag", 1)]
    [InlineData("MsgLifeTime", 0)]
    public async Task An_online_only_message_is_delivered_and_stored_nowhere(string field, int value)
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var client = await environment.ConnectAsync(jonas);

        await environment.SendAsync(Messages.Text(mia, jonas, "typing", more: (field, value)));

        var received = await client.WaitForAsync(_ => true);
        Assert.False(received.TryGetProperty("Seq", out _));
        Assert.False(received.TryGetProperty("Timeline", out _));
        Assert.Empty(await environment.HistoryAsync(jonas, mia));
        Assert.Empty(await environment.HistoryAsync(mia, jonas));
    }

    [Fact]
    public async Task A_repeated_call_answers_the_first_key_and_stores_and_delivers_nothing_twice()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var client = await environment.ConnectAsync(jonas);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => environment.SendAsync(Messages.Text(mia, jonas, "once", 9, 9))));

        await environment.SendAsync(Messages.Text(mia, jonas, "end", 10, 10));
        await client.WaitForAsync(message => Messages.TextOf(message) == "end");
        Assert.Single(answers.Select(answer => answer.GetProperty("MsgKey").GetString()).Distinct());
        Assert.Equal(["once", "end"], Messages.TextsOf(client.Events));
        Assert.Equal(["once", "end"], Messages.TextsOf(await environment.HistoryAsync(jonas, mia)));
        Assert.Equal(["once", "end"], Messages.TextsOf(await environment.HistoryAsync(mia, jonas)));
    }

    [Fact]
    public async Task The_same_name_with_other_content_is_a_new_message_after_the_second_has_passed()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await environment.SendAsync(Messages.Text(mia, jonas, "first", 1, 1));

        await Eventually.GetAsync("a second message", async () =>
        {
            await environment.SendAsync(Messages.Text(mia, jonas, "second", 1, 1));
            return (await environment.HistoryAsync(jonas, mia)).Count == 2;
        }, TimeSpan.FromSeconds(30));

        Assert.Equal(["first", "second"], Messages.TextsOf(await environment.HistoryAsync(jonas, mia)));
    }

    [Fact]
    public async Task Concurrent_messages_get_dense_numbers_and_arrive_as_they_are_stored()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var client = await environment.ConnectAsync(jonas);

        await Task.WhenAll(Enumerable.Range(1, 60).Select(n => environment.SendAsync(Messages.Text(mia, jonas, $"{n}", (uint)n))));

        var received = await client.WaitForCountAsync(60, _ => true);
        var bySeq = received.OrderBy(message => message.GetProperty("Seq").GetInt64()).ToList();
        Assert.Equal(Enumerable.Range(1, 60).Select(n => (long)n), bySeq.Select(message => message.GetProperty("Seq").GetInt64()));
        Assert.Equal(Messages.TextsOf(bySeq), Messages.TextsOf(await environment.HistoryAsync(jonas, mia, pageSize: 7)));
    }

    [Fact]
    public async Task An_account_sends_as_itself_and_as_nobody_else()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas, eve) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"), await environment.ImportAsync("eve"));
        var own = Messages.Text(mia, jonas, "from myself");
        own.Remove("From_Account");

        await environment.SendAsync(own, identifier: mia);
        var code = await environment.SendForCodeAsync(Messages.Text(mia, jonas, "forged"), identifier: eve);

        Assert.Equal(60010, code);
        Assert.Equal(["from myself"], Messages.TextsOf(await environment.HistoryAsync(jonas, mia)));
    }

    [Fact]
    public async Task A_message_to_oneself_is_stored_once()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        await using var client = await environment.ConnectAsync(mia);

        await environment.SendAsync(Messages.Text(mia, mia, "note"));

        Assert.Equal("note", Messages.TextOf(await client.WaitForAsync(_ => true)));
        Assert.Equal(["note"], Messages.TextsOf(await environment.HistoryAsync(mia, mia)));
    }

    [Fact]
    public async Task Account_names_may_hold_what_tables_and_URLs_may_not()
    {
        var environment = await fixture.StartedAsync();
        var (odd, other) = ($"a/b#c?d%|:{environment.NewAccount("名")}", $"A/B {environment.NewAccount("x")}");
        await environment.Api.ImportAsync(odd, other);
        await using var client = await environment.ConnectAsync(odd);

        await environment.SendAsync(Messages.Text(other, odd, "hello"));

        var received = await client.WaitForAsync(_ => true);
        Assert.Equal($"c2c:{other}", received.GetProperty("Timeline").GetString());
        Assert.Equal(["hello"], Messages.TextsOf(await environment.HistoryAsync(odd, other)));
    }

    [Fact]
    public async Task Every_device_of_an_account_receives()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var phone = await environment.ConnectAsync(jonas);
        await using var desktop = await environment.ConnectAsync(jonas);

        await environment.SendAsync(Messages.Text(mia, jonas, "to all of you"));

        JsonElement[] received = [await phone.WaitForAsync(_ => true), await desktop.WaitForAsync(_ => true)];
        Assert.Equal(["to all of you", "to all of you"], Messages.TextsOf(received));
    }
}
