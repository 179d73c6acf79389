using System.Text.Json;
using Parley.Apps;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>Profile.CallbackPortraitSet: what it holds, and that nothing is told where nothing was changed.</summary>
public sealed class ProfileCallbackTests(AzuriteFixture azurite)
{
    private const string Command = "Profile.CallbackPortraitSet";

    [Fact]
    public async Task A_changed_profile_is_told_with_the_fields_that_changed_and_who_has_changed_them()
    {
        await using var lab = await StartAsync();
        var mia = await lab.ImportAsync("mia");

        Assert.Equal(0, await SetAsync(lab, mia, "administrator", ("Tag_Profile_IM_Nick", "Mia K."), ("Tag_Profile_IM_BirthDay", 19991231), ("Tag_Profile_IM_AdminForbidType", "AdminForbid_Type_SendOut")));
        Assert.Equal(0, await SetAsync(lab, mia, mia, ("Tag_Profile_IM_Nick", "Mia K."), ("Tag_Profile_IM_BirthDay", 0), ("Tag_Profile_IM_SelfSignature", "hello")));
        Assert.Equal(0, await SetAsync(lab, mia, mia, ("Tag_Profile_IM_Nick", "")));
        await lab.DrainAsync(mia);

        var received = lab.Receiver.Received.ToList();
        Assert.Equal(3, received.Count);
        AssertIs(lab, received[0], "RESTAPI", "administrator", mia, Item("Tag_Profile_IM_Nick", "Mia K."), Item("Tag_Profile_IM_BirthDay", 19991231), Item("Tag_Profile_IM_AdminForbidType", "AdminForbid_Type_SendOut"));
        AssertIs(lab, received[1], "Unknown", mia, mia, Item("Tag_Profile_IM_BirthDay", 0), Item("Tag_Profile_IM_SelfSignature", "hello"));
        AssertIs(lab, received[2], "Unknown", mia, mia, Item("Tag_Profile_IM_Nick", ""));
    }

    [Fact]
    public async Task What_changes_nothing_or_is_refused_or_imported_tells_nothing()
    {
        await using var lab = await StartAsync();
        var mia = await lab.ImportAsync("mia");
        await SetAsync(lab, mia, mia, ("Tag_Profile_IM_Nick", "Mia"));
        await lab.DrainAsync(mia);
        lab.Receiver.Forget();

        Assert.Equal(0, await SetAsync(lab, mia, mia, ("Tag_Profile_IM_Nick", "Mia")));
        Assert.NotEqual(0, await SetAsync(lab, mia, mia, ("Tag_Profile_IM_Nick", "Other"), ("Tag_Profile_IM_Nothing", "x")));
        Assert.NotEqual(0, await SetAsync(lab, mia, "administrator", ("Tag_Profile_IM_Nick", new string('x', 501))));
        Assert.NotEqual(0, await SetAsync(lab, "nobody at all", "administrator", ("Tag_Profile_IM_Nick", "x")));
        Assert.Equal(0, (await lab.CallAsync("account_import", new { UserID = mia, Nick = "Imported", FaceUrl = "https://example.org/mia.png" }, service: "im_open_login_svc")).GetProperty("ErrorCode").GetInt32());
        await lab.DrainAsync(mia);

        Assert.Empty(lab.Receiver.Received);
    }

    [Fact]
    public async Task Switched_off_nothing_is_told()
    {
        await using var lab = await StartAsync(app => app with { CallbackCommands = ["State.StateChange"] });
        var mia = await lab.ImportAsync("mia");

        await SetAsync(lab, mia, mia, ("Tag_Profile_IM_Nick", "Mia"));
        await lab.DrainAsync(mia);

        Assert.Empty(lab.Receiver.Received);
        Assert.Empty(await lab.WaitingAsync(mia));
    }

    [Theory]
    [InlineData("Tag_Profile_IM_Nick", "Mia")]
    [InlineData("Tag_Profile_Custom_Secret", "for administrators only")]
    public async Task A_change_is_told_once_also_when_an_answer_of_storage_is_lost(string tag, string value)
    {
        await using var lab = await StartAsync(app => app with
        {
            CallbackCommands = [Command],
            ProfileCustomFields = [new CustomField("Secret", CustomFieldType.String, CustomFieldAccess.Admin, CustomFieldAccess.Admin)],
        });
        var mia = await lab.ImportAsync("mia");
        lab.Instance.Storage.Plan = FaultPlans.Script(request => request.Kind == RequestKind.Batch, Fault.DropAfter);

        Assert.Equal(0, await SetAsync(lab, mia, "administrator", (tag, value)));
        await lab.DrainAsync(mia);

        Assert.Equal(1, lab.Instance.Storage.FaultCount);
        Assert.Equal(value, Assert.Single(lab.Receiver.Received).Body.GetProperty("ProfileItem")[0].GetProperty("Value").GetString());
    }

    private async Task<CallbackLab> StartAsync(Func<App, App>? change = null) =>
        await CallbackLab.StartAsync(azurite, change ?? (app => app with { CallbackCommands = [Command] }));

    private static async Task<int> SetAsync(CallbackLab lab, string account, string identifier, params (string Tag, object Value)[] values)
    {
        var body = new { From_Account = account, ProfileItem = values.Select(value => Item(value.Tag, value.Value)) };
        return (await lab.CallAsync("portrait_set", JsonSerializer.Serialize(body), identifier, service: "profile")).GetProperty("ErrorCode").GetInt32();
    }

    private static object Item(string tag, object value) => new { Tag = tag, Value = value };

    private static void AssertIs(CallbackLab lab, ReceivedCallback callback, string platform, string byWhom, string account, params object[] items) => lab.AssertIs(
        callback, platform, new { CallbackCommand = Command, Operator_Account = byWhom, From_Account = account, ProfileItem = items, EventTime = (long?)null });
}
