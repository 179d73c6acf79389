using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Groups;

public sealed class GroupReceiptTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task Receipts_are_counted_once_and_only_the_sender_hears_of_them()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        var number = await environment.SayAsync(group, anna, "read?", ("NeedReadReceipt", 1));
        await using var annas = await environment.ConnectAsync(anna);
        await using var cleos = await environment.ConnectAsync(cleo);

        Assert.Equal((0, 0, 2), await CountAsync(environment, group, number, anna));
        await environment.GroupAsync("group_msg_receipt", new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers(number) }, ben);
        await environment.GroupAsync("group_msg_receipt", new { GroupId = group, From_Account = ben, MsgSeqList = GroupMessageCalls.Numbers(number, 99) });
        var heard = await annas.WaitForAsync(told => told.IsOf("GroupReceipt", group));
        var last = await environment.SayAsync(group, ben, "done");
        await cleos.WaitForAsync(told => told.IsGroupText(group) && told.GetProperty("Seq").GetInt64() == last);

        Assert.Equal((0, 1, 1), await CountAsync(environment, group, number, anna));
        Assert.Equal((0, 1, 1), await CountAsync(environment, group, number, null));
        Assert.Equal(ben, heard.GetProperty("From_Account").GetString());
        Assert.Equal((number, 1, 1), (heard.NumbersOf()[0], heard.GetProperty("Content")[0].GetProperty("ReadNum").GetInt32(), heard.GetProperty("Content")[0].GetProperty("UnreadNum").GetInt32()));
        Assert.DoesNotContain(cleos.Events, told => told.IsOf("GroupReceipt", group));
        Assert.Single(annas.Events, told => told.IsOf("GroupReceipt", group));
    }

    [Fact]
    public async Task Readers_and_others_are_listed_in_pages()
    {
        var environment = await fixture.StartedAsync();
        var anna = await environment.ImportAsync("anna");
        var members = await Task.WhenAll(Enumerable.Range(0, 7).Select(i => environment.ImportAsync($"m/{i}")));
        var group = await environment.CreateGroupAsync("Public", anna, members);
        var number = await environment.SayAsync(group, anna, "read?", ("NeedReadReceipt", 1));
        var later = await environment.ImportAsync("later");
        await environment.JoinAsync(group, later);
        await Task.WhenAll(members.Take(5).Select(member =>
            environment.GroupAsync("group_msg_receipt", new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers(number) }, member)));

        Assert.Equal(members.Take(5).Order(), (await ListAsync(0, "ReadList", "Read_Account")).Order());
        Assert.Equal(members.Skip(5).Order(), (await ListAsync(1, "UnreadList", "Unread_Account")).Order());
        Assert.Equal((0, 5, 2), await CountAsync(environment, group, number, anna));
        Assert.Equal(10062, await environment.GroupCodeAsync("group_msg_receipt", new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers(number) }, later));

        async Task<List<string>> ListAsync(int filter, string list, string field)
        {
            var (all, cursor) = (new List<string>(), "");
            while (true)
            {
                var page = await environment.GroupAsync("get_group_msg_receipt_detail", new { GroupId = group, MsgSeq = number, Filter = filter, Cursor = cursor, Count = 2 }, anna);
                all.AddRange(page.GetProperty(list).EnumerateArray().Select(item => item.GetProperty(field).GetString()!));
                cursor = page.GetProperty("Cursor").GetString()!;
                Assert.Equal(page.GetProperty("IsFinish").GetInt32(), page.GetProperty("IsFinished").GetInt32());
                if (page.GetProperty("IsFinish").GetInt32() == 1)
                {
                    Assert.Equal("0", cursor);
                    return all;
                }
            }
        }
    }

    [Fact]
    public async Task Receipts_of_what_has_none_or_is_not_ones_own_are_refused()
    {
        var environment = await fixture.StartedAsync();
        var (group, anna, ben, cleo) = await environment.HikingAsync();
        var dan = await environment.ImportAsync("dan");
        var live = await environment.CreateGroupAsync("AVChatRoom", anna);
        var (plain, asked) = (await environment.SayAsync(group, anna, "plain"), await environment.SayAsync(group, anna, "asked", ("NeedReadReceipt", 1)));

        Assert.Equal(10062, (await CountAsync(environment, group, plain, anna)).Code);
        Assert.Equal(10062, (await CountAsync(environment, group, asked, ben)).Code);
        Assert.Equal(10062, await DetailAsync(new { GroupId = group, MsgSeq = asked }, cleo));
        Assert.Equal(10062, await DetailAsync(new { GroupId = group, MsgSeq = plain }));
        Assert.Equal(10004, await DetailAsync(new { GroupId = group, MsgSeq = asked, Count = 201 }));
        Assert.Equal(10004, await DetailAsync(new { GroupId = group, MsgSeq = asked, Cursor = "x" }));
        Assert.Equal(10062, await SendAsync(new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers(plain) }, ben));
        Assert.Equal(10062, await SendAsync(new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers(asked) }, anna));
        Assert.Equal(10061, await SendAsync(new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers(0) }, ben));
        Assert.Equal(10007, await SendAsync(new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers(asked) }, dan));
        Assert.Equal(10007, await SendAsync(new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers(asked), From_Account = dan }));
        Assert.Equal(10007, await SendAsync(new { GroupId = live, MsgSeqList = GroupMessageCalls.Numbers(asked) }, anna));
        Assert.Equal(60010, await SendAsync(new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers(asked), From_Account = ben }, cleo));
        Assert.Equal(10004, await SendAsync(new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers([.. Enumerable.Range(1, 51).Select(n => (long)n)]) }, ben));
        Assert.Equal(10010, await SendAsync(new { GroupId = "no-such", MsgSeqList = GroupMessageCalls.Numbers(asked) }, ben));
        await environment.RecallAsync(group, anna, asked);
        Assert.Equal(10062, await SendAsync(new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers(asked) }, ben));

        Task<int> DetailAsync(object body, string? identifier = null) => environment.GroupCodeAsync("get_group_msg_receipt_detail", body, identifier);
        Task<int> SendAsync(object body, string? identifier = null) => environment.GroupCodeAsync("group_msg_receipt", body, identifier);
    }

    [Fact]
    public async Task Groups_over_the_apps_limit_have_no_receipts()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { MaxReceiptMembers = 2 });
        string[] accounts = [environment.NewAccount("a"), environment.NewAccount("b"), environment.NewAccount("c")];
        await api.ImportAsync(accounts);
        var members = accounts.Skip(1).Select(account => new { Member_Account = account });
        var created = await api.CallOkAsync(GroupCalls.Service, "create_group", new { Type = "Public", Name = "x", Owner_Account = accounts[0], MemberList = members });
        var body = new { GroupId = created.GetProperty("GroupId").GetString(), MsgSeqList = GroupMessageCalls.Numbers(1), MsgSeq = 1 };

        foreach (var command in new[] { "get_group_msg_receipt", "get_group_msg_receipt_detail", "group_msg_receipt" })
        {
            Assert.Equal(10060, (await api.CallAsync(GroupCalls.Service, command, body, accounts[1])).GetProperty("ErrorCode").GetInt32());
        }
    }

    private static async Task<(int Code, int Read, int Unread)> CountAsync(LocalEnvironment environment, string group, long number, string? identifier)
    {
        var answer = await environment.GroupAsync("get_group_msg_receipt", new { GroupId = group, MsgSeqList = GroupMessageCalls.Numbers(number) }, identifier);
        var item = Assert.Single(answer.GetProperty("GroupMsgReceiptList").EnumerateArray());
        return (item.GetProperty("Code").GetInt32(), item.GetProperty("ReadNum").GetInt32(), item.GetProperty("UnreadNum").GetInt32());
    }
}
