using System.Text.Json;
using Parley.Apps;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>The callbacks before an account adds friends or answers requests: every field, and what answers do, account by account.</summary>
public sealed class BeforeFriendCallbackTests(AzuriteFixture azurite)
{
    private const string BeforeAdd = "Sns.CallbackPrevFriendAdd";
    private const string BeforeResponse = "Sns.CallbackPrevFriendResponse";

    [Theory]
    [InlineData("Add_Type_Both")]
    [InlineData("Add_Type_Single")]
    public async Task Before_an_account_adds_friends_the_app_gets_the_documented_fields_and_refuses_some(string type)
    {
        await using var lab = await StartAsync();
        var (mia, ben, eve, zoe) = (await lab.ImportAsync("mia"), await lab.ImportAsync("ben"), await lab.ImportAsync("eve"), await lab.ImportAsync("zoe"));
        lab.Receiver.Script = _ => Items((ben, 38001, "not in your department"), (eve, 0, ""));

        var answer = await CallAsync(lab, "friend_add", mia, new
        {
            From_Account = mia,
            AddType = type,
            AddFriendItem = new[]
            {
                new { To_Account = ben, Remark = "Ben", GroupName = "Work", AddSource = "AddSource_Type_Web", AddWording = "hi" },
                new { To_Account = eve, Remark = "", GroupName = "", AddSource = "AddSource_Type_Web", AddWording = "" },
                new { To_Account = zoe, Remark = "", GroupName = "", AddSource = "AddSource_Type_Web", AddWording = "" },
                new { To_Account = zoe, Remark = "again", GroupName = "", AddSource = "AddSource_Type_Web", AddWording = "" },
            },
        });

        lab.AssertIs(Assert.Single(lab.Receiver.Received), "Unknown", new
        {
            CallbackCommand = BeforeAdd,
            Requester_Account = mia,
            From_Account = mia,
            FriendItem = new[]
            {
                new { To_Account = ben, Remark = "Ben", GroupName = "Work", AddSource = "AddSource_Type_Web", AddWording = "hi" },
                new { To_Account = eve, Remark = "", GroupName = "", AddSource = "AddSource_Type_Web", AddWording = "" },
                new { To_Account = zoe, Remark = "", GroupName = "", AddSource = "AddSource_Type_Web", AddWording = "" },
            },
            AddType = type,
            ForceAddFlags = 0,
            EventTime = (long?)null,
        });
        Assert.Equal([(ben, 38001, "not in your department"), (eve, 0, ""), (zoe, 0, ""), (zoe, 0, "")], Results(answer));
        Assert.Equal([ben], answer.GetProperty("Fail_Account").EnumerateArray().Select(account => account.GetString()));
        Assert.Equal([eve, zoe], await FriendsAsync(lab, mia));
    }

    [Fact]
    public async Task Before_an_account_answers_requests_the_app_gets_the_documented_fields_and_refuses_some()
    {
        await using var lab = await StartAsync(app => app with { DefaultAllowType = AllowType.NeedConfirm });
        var (mia, ben, eve) = (await lab.ImportAsync("mia"), await lab.ImportAsync("ben"), await lab.ImportAsync("eve"));
        foreach (var asker in new[] { ben, eve })
        {
            Assert.Equal([(mia, 30539)], Results(await AddAsync(lab, "administrator", asker, mia)).Select(result => (result.Account, result.Code)));
        }

        Assert.Empty(lab.Receiver.Received);
        lab.Receiver.Script = _ => Items((eve, 39000, "wait"));

        var answer = await CallAsync(lab, "friend_response", mia, new
        {
            From_Account = mia,
            ResponseFriendItem = new[]
            {
                new { To_Account = ben, Remark = "Ben", GroupName = "Work", ResponseAction = "Response_Action_AgreeAndAdd" },
                new { To_Account = eve, Remark = "", GroupName = "", ResponseAction = "Response_Action_Reject" },
            },
        });

        lab.AssertIs(Assert.Single(lab.Receiver.Received), "Unknown", new
        {
            CallbackCommand = BeforeResponse,
            Requester_Account = mia,
            From_Account = mia,
            ResponseFriendItem = new[]
            {
                new { To_Account = ben, Remark = "Ben", TagName = "Work", ResponseAction = "Response_Action_AgreeAndAdd" },
                new { To_Account = eve, Remark = "", TagName = "", ResponseAction = "Response_Action_Reject" },
            },
            EventTime = (long?)null,
        });
        Assert.Equal([(ben, 0, ""), (eve, 39000, "wait")], Results(answer));
        Assert.Equal([ben], await FriendsAsync(lab, mia));
        lab.Receiver.Script = _ => CallbackReply.Ok;
        var later = await CallAsync(lab, "friend_response", mia, new { From_Account = mia, ResponseFriendItem = new[] { new { To_Account = eve, ResponseAction = "Response_Action_Agree" } } });
        Assert.Equal([(eve, 0, "")], Results(later));
    }

    [Theory]
    [InlineData("""{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}""", 0)]
    [InlineData("""{"ActionStatus":"FAIL","ErrorCode":38001,"ErrorInfo":"no"}""", 0)]
    [InlineData("""{"ErrorCode":1,"ResultItem":[]}""", 0)]
    [InlineData("""{"ErrorCode":0,"ResultItem":[{"To_Account":"somebody else","ResultCode":38001,"ResultInfo":""}]}""", 0)]
    [InlineData("""{"ErrorCode":0,"ResultItem":[{"To_Account":"@","ResultCode":0}]}""", 0)]
    [InlineData("""{"ErrorCode":38000,"ResultItem":[{"To_Account":"@","ResultCode":38000,"ResultInfo":"own"}]}""", 38000)]
    [InlineData("""{"ErrorCode":0,"ResultItem":[{"To_Account":"@","ResultCode":38999}]}""", 38999)]
    [InlineData("""{"ErrorCode":0,"ResultItem":[{"To_Account":"@","ResultCode":37999,"ResultInfo":"own"}]}""", 38000)]
    [InlineData("""{"ErrorCode":0,"ResultItem":[{"To_Account":"@","ResultCode":39001}]}""", 38000)]
    [InlineData("""{"ErrorCode":0,"ResultItem":[{"To_Account":"@","ResultCode":-1}]}""", 38000)]
    public async Task An_items_code_decides_and_the_outer_one_does_not(string reply, int code)
    {
        await using var lab = await StartAsync();
        var (mia, ben) = (await lab.ImportAsync("mia"), await lab.ImportAsync("ben"));
        lab.Receiver.Script = _ => CallbackReply.Json(reply.Replace("@", ben, StringComparison.Ordinal));

        var result = Results(await AddAsync(lab, mia, mia, ben)).Single();

        Assert.Equal((ben, code), (result.Account, result.Code));
        Assert.Equal(code == 0 ? [ben] : [], await FriendsAsync(lab, mia));
        var figures = (await lab.CallAsync("get_callback_statistics", "{}", service: "openconfigsvr")).GetProperty("Callbacks").EnumerateArray().Single();
        Assert.Equal((1, code == 0 ? 0 : 1), (figures.GetProperty("Answered").GetInt32(), figures.GetProperty("Refused").GetInt32()));
    }

    [Theory]
    [InlineData("""{"ErrorCode":0,"ResultItem":{}}""")]
    [InlineData("""{"ErrorCode":0,"ResultItem":[7]}""")]
    [InlineData("""{"ErrorCode":0,"ResultItem":[{"ResultCode":38001}]}""")]
    [InlineData("""{"ErrorCode":0,"ResultItem":[{"To_Account":"@"}]}""")]
    [InlineData("""{"ErrorCode":0,"ResultItem":[{"To_Account":"@","ResultCode":"no"}]}""")]
    [InlineData("""{"ActionStatus":"OK"}""")]
    [InlineData("<html>")]
    public async Task What_is_no_proper_answer_is_what_the_app_wants_of_a_failure(string reply)
    {
        await using var lab = await StartAsync();
        var (mia, ben, eve) = (await lab.ImportAsync("mia"), await lab.ImportAsync("ben"), await lab.ImportAsync("eve"));
        lab.Receiver.Script = _ => CallbackReply.Json(reply.Replace("@", ben, StringComparison.Ordinal));

        var allowed = Results(await AddAsync(lab, mia, mia, ben)).Single();
        await lab.CallAsync("set_app_settings", """{"CallbackFailurePolicy":"Refuse"}""", service: "openconfigsvr");
        var refused = await AddAsync(lab, mia, mia, eve);

        Assert.Equal((0, 38000), (allowed.Code, refused.GetProperty("ErrorCode").GetInt32()));
        Assert.Equal([ben], await FriendsAsync(lab, mia));
    }

    [Fact]
    public async Task Administrators_and_imports_are_not_asked_for_nor_calls_that_are_refused_anyway_nor_when_it_is_switched_off()
    {
        await using var lab = await StartAsync();
        await using var off = await CallbackLab.StartAsync(azurite, app => app with { CallbackCommands = ["Sns.CallbackFriendAdd"] });
        var (mia, ben, eve) = (await lab.ImportAsync("mia"), await lab.ImportAsync("ben"), await lab.ImportAsync("eve"));
        var (anna, tom) = (await off.ImportAsync("anna"), await off.ImportAsync("tom"));

        Assert.Equal(0, Results(await AddAsync(lab, "administrator", mia, ben)).Single().Code);
        await CallAsync(lab, "friend_import", "administrator", new { From_Account = mia, AddFriendItem = new[] { new { To_Account = eve, AddSource = "AddSource_Type_Old" } } });
        Assert.Equal(30004, (await AddAsync(lab, mia, ben, eve)).GetProperty("ErrorCode").GetInt32());
        Assert.Equal(0, Results(await AddAsync(off, anna, anna, tom)).Single().Code);
        await off.DrainAsync(anna, tom);

        Assert.Empty(lab.Receiver.Received);
        Assert.Equal(["Sns.CallbackFriendAdd"], off.Receiver.Received.Select(callback => callback.Command));
    }

    private Task<CallbackLab> StartAsync(Func<App, App>? change = null) => CallbackLab.StartAsync(
        azurite, app => (change ?? (same => same))(app with { CallbackCommands = [BeforeAdd, BeforeResponse] }), ("Callbacks:CircuitFailures", "1000"));

    private static CallbackReply Items(params (string Account, int Code, string Info)[] items) => CallbackReply.Json(JsonSerializer.Serialize(new
    {
        ActionStatus = "OK",
        ErrorCode = 0,
        ErrorInfo = "",
        ResultItem = items.Select(item => new { To_Account = item.Account, ResultCode = item.Code, ResultInfo = item.Info }),
    }));

    private static Task<JsonElement> CallAsync(CallbackLab lab, string command, string identifier, object body) => lab.CallAsync(command, body, identifier, service: "sns");

    private static Task<JsonElement> AddAsync(CallbackLab lab, string identifier, string from, string to) =>
        CallAsync(lab, "friend_add", identifier, new { From_Account = from, AddFriendItem = new[] { new { To_Account = to, AddSource = "AddSource_Type_Web" } } });

    private static List<(string Account, int Code, string Info)> Results(JsonElement answer) =>
    [
        .. answer.GetProperty("ResultItem").EnumerateArray().Select(item =>
            (item.GetProperty("To_Account").GetString()!, item.GetProperty("ResultCode").GetInt32(), item.GetProperty("ResultInfo").GetString()!)),
    ];

    private static async Task<IEnumerable<string?>> FriendsAsync(CallbackLab lab, string account)
    {
        var answer = await CallAsync(lab, "friend_get", "administrator", new { From_Account = account, StartIndex = 0 });
        return answer.GetProperty("UserDataItem").EnumerateArray().Select(item => item.GetProperty("To_Account").GetString()).Order();
    }
}
