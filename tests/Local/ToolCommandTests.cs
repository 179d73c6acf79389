using System.Text.Json;
using Parley.Rest;
using Parley.Tests.Support;

namespace Parley.Tests.LocalRun;

/// <summary>watch and usersig, with the shared environment.</summary>
public sealed class ToolCommandTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task A_printed_UserSig_opens_the_API()
    {
        var environment = await fixture.StartedAsync();

        await using var program = LocalProgram.Start("usersig", environment.Settings.Admin, "--data", environment.Data.Path, "--expire", "600");
        var code = await program.WaitForExitAsync();

        Assert.Equal(0, code);
        var printed = Assert.Single(program.Output);
        Assert.Empty(program.Errors);
        Assert.Equal(600, UserSig.Read(printed).Value.Expire);
        var answer = await environment.Api.PostAsync(
            environment.Api.CommandPath("im_open_login_svc", "account_check", userSig: printed), """{"CheckItem":[{"UserID":"alice"}]}""");
        Assert.Equal(0, answer.GetProperty("ErrorCode").GetInt32());
    }

    [Fact]
    public async Task Watch_prints_what_an_account_receives()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var people = await WatchAsync(environment, jonas);
        await using var machines = await WatchAsync(environment, jonas, "--json");

        await SendAsync(environment, mia, jonas, "Lunch at noon?");
        await Eventually.TrueAsync("the message, twice", () => people.Output.Count > 0 && machines.Output.Count > 0, LocalProgram.Patience);
        await people.SignalAsync("INT");

        Assert.EndsWith($"{mia} → {jonas}  #1  Lunch at noon?", Assert.Single(people.Output), StringComparison.Ordinal);
        using var item = JsonDocument.Parse(Assert.Single(machines.Output));
        Assert.Equal("C2CMessage", item.RootElement.GetProperty("Type").GetString());
        Assert.Equal(mia, item.RootElement.GetProperty("From_Account").GetString());
        Assert.Equal(0, await people.WaitForExitAsync());
    }

    [Fact]
    public async Task The_client_connection_of_the_tests_collects_events()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await using var connection = await environment.ConnectAsync(jonas);

        await SendAsync(environment, mia, jonas, "one");
        await SendAsync(environment, mia, jonas, "two");
        var events = await connection.WaitForCountAsync(2, item => item.GetProperty("Type").GetString() == "C2CMessage");

        Assert.Equal([1L, 2L], events.Select(item => item.GetProperty("Seq").GetInt64()).Order());
    }

    [Theory]
    [InlineData("watch", "No environment is running")]
    [InlineData("usersig", "No environment was ever started")]
    public async Task Without_an_environment_the_tools_say_so(string command, string message)
    {
        var nowhere = Path.Combine(Path.GetTempPath(), $"parley-{Guid.NewGuid()}");

        await using var program = LocalProgram.Start(command, "alice", "--data", nowhere);
        var code = await program.WaitForExitAsync();

        Assert.Equal(1, code);
        Assert.Empty(program.Output);
        Assert.Contains(program.Errors, line => line.StartsWith(message, StringComparison.Ordinal));
    }

    private static async Task<LocalProgram> WatchAsync(LocalEnvironment environment, string account, params string[] options)
    {
        var program = LocalProgram.Start(["watch", account, "--data", environment.Data.Path, "--until-eof", .. options]);
        await Eventually.TrueAsync("the connection", () => program.Errors.Any(line => line.StartsWith("Connected", StringComparison.Ordinal)), LocalProgram.Patience);
        return program;
    }

    private static async Task SendAsync(LocalEnvironment environment, string from, string to, string text) => await environment.Api.CallOkAsync("openim", "sendmsg", new
    {
        SyncOtherMachine = 2,
        From_Account = from,
        To_Account = to,
        MsgRandom = Random.Shared.Next(),
        MsgBody = new[] { new { MsgType = "TIMTextElem", MsgContent = new { Text = text } } },
    });
}
