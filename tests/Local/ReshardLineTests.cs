using Parley.Local.Commands;
using Parley.Local.Resharding;
using Parley.Storage.Shards;

namespace Parley.Tests.LocalRun;

public sealed class ReshardLineTests
{
    [Fact]
    public void Nothing_shows_and_changes_nothing()
    {
        var line = ReshardLine.Parse([]);

        Assert.Equal((false, false, false, false), (line.IsPlan, line.IsApply, line.HasTargets, line.AcceptsAccounts));
    }

    [Fact]
    public void An_app_may_be_sent_to_accounts_of_its_own()
    {
        var line = ReshardLine.Parse(["--apply", "--app", "1400000001", "--to", "2,3,2", "--together", "4"]);

        Assert.Equal((true, 1400000001u, 4), (line.IsApply, line.App, line.Together));
        Assert.Equal([2, 3], line.Targets!);
        Assert.Equal(ShardBucket.AllApps, ReshardLine.Parse(["--apply", "--to", "0"]).App);
    }

    [Theory]
    [InlineData("--plan")]
    [InlineData("--to", "0")]
    [InlineData("--plan", "--apply", "--to", "0")]
    [InlineData("--apply", "--to", "common")]
    [InlineData("--apply", "--app", "1", "--to", "common", "--to", "1")]
    [InlineData("--apply", "--to", "0,,1")]
    [InlineData("--apply", "--to", "256")]
    [InlineData("--apply", "--to", "-1")]
    [InlineData("--apply", "--app", "0", "--to", "1")]
    [InlineData("--apply", "--together", "1025")]
    [InlineData("--aply")]
    public void What_is_not_understood_or_does_not_go_together_is_refused(params string[] arguments) =>
        Assert.Throws<UsageException>(() => ReshardLine.Parse(arguments));
}
