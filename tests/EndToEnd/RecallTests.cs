using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class RecallTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task A_recalled_message_leaves_a_tombstone_on_both_sides_and_every_device_hears_of_it()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var sender = await environment.ConnectAsync(mia);
        await using var receiver = await environment.ConnectAsync(jonas);
        var key = await environment.SendTextAsync(mia, jonas, "a slip");
        await environment.SendTextAsync(mia, jonas, "stays", random: 8);

        await environment.Api.CallOkAsync("openim", "admin_msgwithdraw", new { From_Account = mia, To_Account = jonas, MsgKey = key }, mia);

        foreach (var (device, peer) in new[] { (sender, jonas), (receiver, mia) })
        {
            var heard = await device.WaitForAsync(entry => Messages.TypeOf(entry) == "C2CRecall");
            Assert.Equal(($"c2c:{peer}", 3L, 1L, key), (heard.GetProperty("Timeline").GetString(), heard.GetProperty("Seq").GetInt64(),
                heard.GetProperty("TargetSeq").GetInt64(), heard.GetProperty("MsgKey").GetString()));
        }

        foreach (var (owner, peer) in new[] { (mia, jonas), (jonas, mia) })
        {
            var history = await environment.HistoryAsync(owner, peer);
            Assert.Equal([8, 0], history.Select(message => message.GetProperty("MsgFlagBits").GetInt32()));
            Assert.Equal(0, history[0].GetProperty("MsgBody").GetArrayLength());
            Assert.Equal(key, history[0].GetProperty("MsgKey").GetString());
            var log = await environment.LogAsync(owner, peer);
            Assert.Equal(["C2CMessage", "C2CMessage", "C2CRecall"], log.Select(Messages.TypeOf));
            Assert.Equal(8, log[0].GetProperty("MsgFlagBits").GetInt32());
            Assert.DoesNotContain("a slip", string.Join('\n', log), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Recalling_takes_an_unread_message_out_of_the_count_and_a_read_one_does_not_matter()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var read = await environment.SendTextAsync(mia, jonas, "read", random: 1);
        await environment.Api.CallOkAsync("openim", "admin_set_msg_read", new { Report_Account = jonas, Peer_Account = mia });
        var unread = await environment.SendTextAsync(mia, jonas, "unread", random: 2);
        await environment.SendTextAsync(mia, jonas, "unread too", random: 3);
        Assert.Equal(2, await environment.UnreadAsync(jonas, mia));

        await RecallAsync(environment, mia, jonas, read);
        Assert.Equal(2, await environment.UnreadAsync(jonas, mia));
        await RecallAsync(environment, mia, jonas, unread);
        Assert.Equal(1, await environment.UnreadAsync(jonas, mia));
    }

    [Fact]
    public async Task Recalling_twice_or_what_never_was_or_a_malformed_key_is_refused_and_changes_nothing()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var key = await environment.SendTextAsync(mia, jonas, "once");
        await RecallAsync(environment, mia, jonas, key);

        Assert.Equal(20023, await environment.CodeAsync("admin_msgwithdraw", new { From_Account = mia, To_Account = jonas, MsgKey = key }));
        Assert.Equal(20022, await environment.CodeAsync("admin_msgwithdraw", new { From_Account = jonas, To_Account = mia, MsgKey = key }));
        Assert.Equal(20022, await environment.CodeAsync("admin_msgwithdraw", new { From_Account = mia, To_Account = jonas, MsgKey = "1_2_3" }));
        foreach (var malformed in new[] { "", "1_2", "1_2_x", "-1_2_3", "1_2_3_4" })
        {
            Assert.Equal(90054, await environment.CodeAsync("admin_msgwithdraw", new { From_Account = mia, To_Account = jonas, MsgKey = malformed }));
        }

        Assert.Equal(90008, await environment.CodeAsync("admin_msgwithdraw", new { From_Account = "nobody-at-all", To_Account = jonas, MsgKey = key }));
        Assert.Equal(90003, await environment.CodeAsync("admin_msgwithdraw", new { From_Account = mia, To_Account = "nobody-at-all", MsgKey = key }));
        Assert.Equal(90003, await environment.CodeAsync("admin_msgwithdraw", new { From_Account = mia, MsgKey = key }));
        Assert.Equal(2, (await environment.LogAsync(jonas, mia)).Count);
    }

    [Fact]
    public async Task An_account_recalls_only_its_own_messages()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var key = await environment.SendTextAsync(mia, jonas, "mine");

        Assert.Equal(60010, await environment.CodeAsync("admin_msgwithdraw", new { From_Account = mia, To_Account = jonas, MsgKey = key }, jonas));
        Assert.Equal("mine", Messages.TextOf(Assert.Single(await environment.HistoryAsync(jonas, mia))));
    }

    [Fact]
    public async Task A_message_that_only_the_receiver_has_and_one_to_oneself_are_recalled_too()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var sent = await environment.SendAsync(Messages.Text(mia, jonas, "not kept", more: ("SyncOtherMachine", (JsonNode)2)));
        var note = await environment.SendTextAsync(mia, mia, "a note");

        await RecallAsync(environment, mia, jonas, sent.GetProperty("MsgKey").GetString()!);
        await RecallAsync(environment, mia, mia, note);

        Assert.Equal(8, Assert.Single(await environment.HistoryAsync(jonas, mia)).GetProperty("MsgFlagBits").GetInt32());
        Assert.Equal(8, Assert.Single(await environment.HistoryAsync(mia, mia)).GetProperty("MsgFlagBits").GetInt32());
        Assert.Empty(await environment.HistoryAsync(mia, jonas));
    }

    [Fact]
    public async Task A_send_that_is_repeated_after_the_recall_does_not_bring_the_message_back()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var message = Messages.Text(mia, jonas, "gone", seq: 5);
        var key = (await environment.SendAsync(message)).GetProperty("MsgKey").GetString()!;
        await RecallAsync(environment, mia, jonas, key);

        var again = await environment.SendAsync(message);

        Assert.Equal(key, again.GetProperty("MsgKey").GetString());
        Assert.Equal(8, Assert.Single(await environment.HistoryAsync(jonas, mia)).GetProperty("MsgFlagBits").GetInt32());
        Assert.Equal(0, await environment.UnreadAsync(jonas, mia));
    }

    private static Task<JsonElement> RecallAsync(LocalEnvironment environment, string from, string to, string key) =>
        environment.Api.CallOkAsync("openim", "admin_msgwithdraw", new { From_Account = from, To_Account = to, MsgKey = key });
}
