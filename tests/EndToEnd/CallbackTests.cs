using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>Callbacks from the running program, switched on by commands, after-callbacks through the real queue.</summary>
public sealed class CallbackTests(LocalEnvironmentFixture fixture)
{
    private const string Before = "C2C.CallbackBeforeSendMsg";
    private const string After = "C2C.CallbackAfterSendMsg";
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

    private static (string?, int, string, string?, int, int) Shown(JsonElement settings) => (
        settings.GetProperty("CallbackUrl").GetString(), settings.GetProperty("HasCallbackToken").GetInt32(), settings.GetProperty("CallbackCommands").GetRawText(),
        settings.GetProperty("CallbackFailurePolicy").GetString(), settings.GetProperty("CallbackTimeoutMilliseconds").GetInt32(), settings.GetProperty("CallbackAttempts").GetInt32());

    private static Task<JsonElement> SendAsync(ApiClient api, string text) =>
        api.CallOkAsync("openim", "sendmsg", Messages.Text("mia", "jonas", text, random: (uint)Random.Shared.Next()).ToJsonString());
}
