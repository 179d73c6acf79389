using Parley.Local.Commands;

namespace Parley.Tests.LocalRun;

public sealed class CommandLineTests
{
    [Fact]
    public void Nothing_means_run_with_the_defaults()
    {
        var line = CommandLine.Parse([]);

        Assert.Equal((CommandKind.Run, 7071, null, false, null), (line.Kind, line.ApiPort, line.DataFolder, line.IsFresh, line.AppFolder));
    }

    [Fact]
    public void Options_may_stand_before_and_after_the_command()
    {
        var line = CommandLine.Parse(["--data", "d", "usersig", "alice", "--expire", "60"]);

        Assert.Equal((CommandKind.UserSig, "alice", "d", TimeSpan.FromMinutes(1)), (line.Kind, line.Account, line.DataFolder, line.Validity));
    }

    [Theory]
    [InlineData("--frehs")]
    [InlineData("wacht", "alice")]
    [InlineData("watch")]
    [InlineData("watch", "alice", "bob")]
    [InlineData("--port")]
    [InlineData("--port", "0")]
    [InlineData("--port", "65536")]
    [InlineData("--port", "7071x")]
    [InlineData("--data", "")]
    public void What_is_not_understood_is_refused(params string[] arguments) =>
        Assert.Throws<UsageException>(() => CommandLine.Parse(arguments));

    [Fact]
    public void Help_names_every_option()
    {
        string[] options = ["--data", "--port", "--fresh", "--app", "--shards", "--max-crashes", "--until-eof", "--json", "--expire", "--sdkappid", "--storage", "--checksum", "--force", "--help"];

        Assert.All(options, option => Assert.Contains($"  {option} ", CommandLine.Usage, StringComparison.Ordinal));
    }
}
