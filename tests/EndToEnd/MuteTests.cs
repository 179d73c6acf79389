using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class MuteTests(LocalEnvironmentFixture fixture)
{
    private const string Service = "openconfigsvr";
    private const uint ForEver = uint.MaxValue;

    [Fact]
    public async Task A_muted_account_cannot_send_itself_and_administrators_can_in_its_name()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await environment.Api.CallOkAsync(Service, "setnospeaking", new { Set_Account = mia, C2CmsgNospeakingTime = ForEver });

        Assert.Equal(20012, await environment.SendForCodeAsync(Messages.Text(mia, jonas, "stopped"), identifier: mia));
        Assert.Equal(0, await environment.SendForCodeAsync(Messages.Text(mia, jonas, "by the administrator")));
        Assert.Equal(0, await environment.SendForCodeAsync(Messages.Text(jonas, mia, "to the muted"), identifier: jonas));
        Assert.Equal(["by the administrator", "to the muted"], Messages.TextsOf(await environment.HistoryAsync(mia, jonas)));

        await environment.Api.CallOkAsync(Service, "setnospeaking", new { Set_Account = mia, C2CmsgNospeakingTime = 0 });
        Assert.Equal(0, await environment.SendForCodeAsync(Messages.Text(mia, jonas, "free"), identifier: mia));
    }

    [Fact]
    public async Task A_mute_of_groups_does_not_stop_other_messages()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await environment.Api.CallOkAsync(Service, "setnospeaking", new { Set_Account = mia, GroupmsgNospeakingTime = 3600 });

        Assert.Equal(0, await environment.SendForCodeAsync(Messages.Text(mia, jonas, "still here"), identifier: mia));
    }

    [Fact]
    public async Task The_two_mutes_are_kept_apart_and_what_is_left_of_them_is_told()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        Assert.Equal((0u, 0u), await GetAsync(environment, mia));

        await environment.Api.CallOkAsync(Service, "setnospeaking", new { Set_Account = mia, GroupmsgNospeakingTime = 7200 });
        var (c2c, group) = await GetAsync(environment, mia);
        Assert.Equal(0u, c2c);
        Assert.InRange(group, 7100u, 7200u);

        await environment.Api.CallOkAsync(Service, "setnospeaking", new { Set_Account = mia, C2CmsgNospeakingTime = ForEver });
        (c2c, group) = await GetAsync(environment, mia);
        Assert.Equal(ForEver, c2c);
        Assert.InRange(group, 7100u, 7200u);

        await environment.Api.CallOkAsync(Service, "setnospeaking", new { Set_Account = mia, C2CmsgNospeakingTime = 0, GroupmsgNospeakingTime = ForEver - 1 });
        (c2c, group) = await GetAsync(environment, mia);
        Assert.Equal(0u, c2c);
        Assert.InRange(group, ForEver - 100, ForEver - 1);
    }

    [Theory]
    [InlineData("setnospeaking", """{"C2CmsgNospeakingTime":1}""", 130004)]
    [InlineData("setnospeaking", """{"Set_Account":7,"C2CmsgNospeakingTime":1}""", 130005)]
    [InlineData("setnospeaking", """{"Set_Account":"","C2CmsgNospeakingTime":1}""", 130005)]
    [InlineData("setnospeaking", """{"Set_Account":"nobody at all","C2CmsgNospeakingTime":1}""", 130005)]
    [InlineData("setnospeaking", """{"Set_Account":"alice","C2CmsgNospeakingTime":"1"}""", 130006)]
    [InlineData("setnospeaking", """{"Set_Account":"alice","C2CmsgNospeakingTime":4294967296}""", 130006)]
    [InlineData("setnospeaking", """{"Set_Account":"alice","GroupmsgNospeakingTime":-1}""", 130007)]
    [InlineData("setnospeaking", """{"Set_Account":"alice"}""", 130008)]
    [InlineData("getnospeaking", """{}""", 130002)]
    [InlineData("getnospeaking", """{"Get_Account":7}""", 130003)]
    [InlineData("getnospeaking", """{"Get_Account":"nobody at all"}""", 130003)]
    public async Task What_cannot_be_muted_or_asked_for_has_its_code(string command, string body, int code)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(code, (await environment.Api.CallAsync(Service, command, body)).GetProperty("ErrorCode").GetInt32());
        Assert.Equal((0u, 0u), await GetAsync(environment, "alice"));
    }

    private static async Task<(uint C2C, uint Group)> GetAsync(LocalEnvironment environment, string account)
    {
        var answer = await environment.Api.CallOkAsync(Service, "getnospeaking", JsonSerializer.Serialize(new { Get_Account = account }));
        return (answer.GetProperty("C2CmsgNospeakingTime").GetUInt32(), answer.GetProperty("GroupmsgNospeakingTime").GetUInt32());
    }
}
