using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>Callbacks from the running program, switched on by commands, after-callbacks through the real queue.</summary>
public sealed class CallbackTests(LocalEnvironmentFixture fixture)
{
    private const string Before = "C2C.CallbackBeforeSendMsg";
    private const string After = "C2C.CallbackAfterSendMsg";
    private const string State = "State.StateChange";
    private const string Settings = "openconfigsvr";

    public static TheoryData<string> BadSettings =>
    [
        """{"CallbackUrl":"ftp://hooks.example.org/"}""",
        """{"CallbackUrl":"https://hooks.example.org/?a=1"}""",
        """{"CallbackUrl":7}""",
        """{"CallbackToken":"short"}""",
        """{"CallbackToken":null}""",
        """{"HasCallbackToken":1}""",
        """{"CallbackCommands":"C2C.CallbackBeforeSendMsg"}""",
        """{"CallbackCommands":["C2C.CallbackBeforeSendMsg","C2C.CallbackBeforeSendMsg"]}""",
        """{"CallbackCommands":["C2C.NoSuchCallback"]}""",
        """{"CallbackCommands":["c2c.callbackbeforesendmsg"]}""",
        """{"CallbackFailurePolicy":"Maybe"}""",
        """{"CallbackTimeoutMilliseconds":2001}""",
        """{"CallbackTimeoutMilliseconds":99}""",
        """{"CallbackAttempts":21}""",
        """{"CallbackAttempts":-1}""",
    ];

    [Fact]
    public async Task An_administrator_switches_callbacks_on_and_off_and_the_token_is_never_shown()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await using var receiver = await CallbackReceiver.StartAsync();
        await api.ImportAsync("mia", "jonas");
        var before = await api.CallOkAsync(Settings, "get_app_settings", "{}");

        await SendAsync(api, "off");
        var set = await api.CallOkAsync(Settings, "set_app_settings", new { CallbackUrl = receiver.Url, CallbackToken = "a token that nobody sees", CallbackCommands = new[] { Before, After } });
        await SendAsync(api, "on");
        await receiver.WaitForAsync(After);
        await api.CallOkAsync(Settings, "set_app_settings", new { CallbackCommands = new[] { After }, CallbackToken = "" });
        await SendAsync(api, "after");
        await receiver.WaitForAsync(After, 2);
        await api.CallOkAsync(Settings, "set_app_settings", new { CallbackUrl = "" });
        await SendAsync(api, "off again");

        Assert.Equal(("", 0, "[]", "Allow", 2000, 0), Shown(before));
        Assert.Equal((receiver.Url, 1, $"[\"{Before}\",\"{After}\"]", "Allow", 2000, 0), Shown(set));
        Assert.DoesNotContain("nobody sees", set.GetRawText(), StringComparison.Ordinal);
        Assert.Equal([(Before, "on"), (After, "on"), (After, "after")], receiver.Received.Select(callback => (callback.Command, Messages.TextOf(callback.Body))));
        Assert.Equal([true, true, false], receiver.Received.Select(callback => callback.Query.ContainsKey("Sign")));
    }

    [Theory]
    [MemberData(nameof(BadSettings))]
    public async Task A_bad_setting_changes_nothing(string bad)
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();

        var answer = await api.CallAsync(Settings, "set_app_settings", bad);

        Assert.Equal(70402, answer.GetProperty("ErrorCode").GetInt32());
        Assert.Equal(("", 0, "[]", "Allow", 2000, 0), Shown(await api.CallOkAsync(Settings, "get_app_settings", "{}")));
    }

    [Fact]
    public async Task What_a_connected_device_does_is_told_with_its_platform_and_address()
    {
        var environment = await fixture.StartedAsync();
        await using var receiver = await CallbackReceiver.StartAsync();
        using var api = await environment.AddAppAsync(app => app with { CallbackUrl = receiver.Url, CallbackCommands = [Before, After] });
        await api.ImportAsync("mia", "jonas");
        await using var phone = await ClientConnection.StartAsync(api, "mia", platform: "iPhone");

        var answer = await phone.Hub.InvokeAsync<JsonElement>(
            "call", "openim", "sendmsg", Messages.Text("mia", "jonas", "from my phone").ToJsonString(), TestContext.Current.CancellationToken);
        await receiver.WaitForAsync(After);

        Assert.Equal(0, answer.GetProperty("ErrorCode").GetInt32());
        Assert.Equal([Before, After], receiver.Received.Select(callback => callback.Command));
        Assert.All(receiver.Received, callback => Assert.Equal(("iOS", "127.0.0.1"), (callback.Query["OptPlatform"], callback.Query["ClientIP"])));
    }

    [Fact]
    public async Task Devices_that_connect_leave_log_out_and_are_kicked_are_told_of()
    {
        var environment = await fixture.StartedAsync();
        await using var receiver = await CallbackReceiver.StartAsync();
        using var api = await environment.AddAppAsync(app => app with { CallbackUrl = receiver.Url, CallbackCommands = [State], LoginPolicy = Parley.Apps.LoginPolicy.OnePerPlatformKind });
        await api.ImportAsync("mia");

        var phone = await ClientConnection.StartAsync(api, "mia", platform: "iPhone");
        await receiver.WaitForAsync(State, 1);
        await phone.DisposeAsync();
        await receiver.WaitForAsync(State, 2);
        await using var first = await ClientConnection.StartAsync(api, "mia", platform: "Android");
        await receiver.WaitForAsync(State, 3);
        await using var second = await ClientConnection.StartAsync(api, "mia", platform: "iPhone");
        await receiver.WaitForAsync(State, 4);
        await api.CallOkAsync("im_open_login_svc", "logout", """{"Platform":"iPhone"}""", identifier: "mia");
        await receiver.WaitForAsync(State, 5);
        await using var browser = await ClientConnection.StartAsync(api, "mia", platform: "Web");
        await receiver.WaitForAsync(State, 6);
        await api.CallOkAsync("im_open_login_svc", "kick", new { UserID = "mia" });
        await receiver.WaitForAsync(State, 7);
        await Eventually.HoldsAsync(() => browser.Hub.State == HubConnectionState.Disconnected && second.Hub.State == HubConnectionState.Disconnected);

        Assert.Equal(
            ["Login IOS", "Disconnect IOS", "Login Android", "Login IOS kicked Android", "Logout IOS", "Login Web", "Logout Web"],
            receiver.Of(State).Select(callback =>
                $"{callback.Body.GetProperty("Info").GetProperty("Action")} {callback.Query["OptPlatform"]}"
                + (callback.Body.TryGetProperty("KickedDevice", out var kicked) ? $" kicked {kicked[0].GetProperty("Platform")}" : "")));
        Assert.All(receiver.Received, callback => Assert.Equal("127.0.0.1", callback.Query["ClientIP"]));
    }

    [Fact]
    public async Task A_device_asks_for_friends_and_the_app_is_asked_and_told()
    {
        var environment = await fixture.StartedAsync();
        await using var receiver = await CallbackReceiver.StartAsync();
        using var api = await environment.AddAppAsync(app => app with
        {
            CallbackUrl = receiver.Url,
            CallbackCommands = ["Sns.CallbackPrevFriendAdd", "Sns.CallbackFriendAdd", "Profile.CallbackPortraitSet"],
        });
        await api.ImportAsync("mia", "jonas", "eve");
        receiver.Script = callback => callback.Command != "Sns.CallbackPrevFriendAdd" ? CallbackReply.Ok
            : CallbackReply.Json("""{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ResultItem":[{"To_Account":"eve","ResultCode":38001,"ResultInfo":"no"}]}""");
        await using var phone = await ClientConnection.StartAsync(api, "mia", platform: "Android");

        var answer = await phone.Hub.InvokeAsync<JsonElement>(
            "call", "sns", "friend_add", """{"From_Account":"mia","AddFriendItem":[{"To_Account":"jonas"},{"To_Account":"eve"}]}""", TestContext.Current.CancellationToken);
        await phone.Hub.InvokeAsync<JsonElement>(
            "call", "profile", "portrait_set", """{"From_Account":"mia","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"Mia"}]}""", TestContext.Current.CancellationToken);
        await receiver.WaitForAsync("Profile.CallbackPortraitSet");
        var told = (await receiver.WaitForAsync("Sns.CallbackFriendAdd")).Single();

        Assert.Equal([0, 38001], answer.GetProperty("ResultItem").EnumerateArray().Select(item => item.GetProperty("ResultCode").GetInt32()));
        Assert.Equal("jonas", told.Body.GetProperty("PairList")[0].GetProperty("To_Account").GetString());
        Assert.All(receiver.Received, callback => Assert.Equal(("Android", "127.0.0.1"), (callback.Query["OptPlatform"], callback.Query["ClientIP"])));
        Assert.Equal(3, receiver.Received.Count);
    }

    private static (string?, int, string, string?, int, int) Shown(JsonElement settings) => (
        settings.GetProperty("CallbackUrl").GetString(), settings.GetProperty("HasCallbackToken").GetInt32(), settings.GetProperty("CallbackCommands").GetRawText(),
        settings.GetProperty("CallbackFailurePolicy").GetString(), settings.GetProperty("CallbackTimeoutMilliseconds").GetInt32(), settings.GetProperty("CallbackAttempts").GetInt32());

    private static Task<JsonElement> SendAsync(ApiClient api, string text) =>
        api.CallOkAsync("openim", "sendmsg", Messages.Text("mia", "jonas", text, random: (uint)Random.Shared.Next()).ToJsonString());
}
