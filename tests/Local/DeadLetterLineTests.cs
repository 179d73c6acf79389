using Parley.Local.Commands;
using Parley.Local.DeadLetters;

namespace Parley.Tests.LocalRun;

public sealed class DeadLetterLineTests
{
    [Fact]
    public void Nothing_means_list_the_oldest_fifty()
    {
        var line = DeadLetterLine.Parse([]);

        Assert.Equal((DeadLetterAction.List, 50, false), (line.Action, line.Limit, line.ShowsContent));
        Assert.Empty(line.Ids);
    }

    [Fact]
    public void What_is_sent_again_is_narrowed_down()
    {
        var line = DeadLetterLine.Parse(["resend", "--all", "--kind", "deliver", "--app", "1400000001", "--limit", "7"]);

        Assert.Equal((DeadLetterAction.Resend, true, "deliver", 1400000001u, 7), (line.Action, line.IsAll, line.LetterKind, line.SdkAppId, line.Limit));
        Assert.Equal(["a", "b"], DeadLetterLine.Parse(["drop", "--id", "a", "--id", "b"]).Ids.Order());
    }

    [Theory]
    [InlineData("resend")]
    [InlineData("drop", "--kind", "deliver")]
    [InlineData("drop", "--all", "--id", "a")]
    [InlineData("drop", "--all", "--content")]
    [InlineData("list", "--all")]
    [InlineData("list", "drop", "--all")]
    [InlineData("resend", "--all", "--limit", "0")]
    [InlineData("list", "--app", "x")]
    [InlineData("--id")]
    [InlineData("purge")]
    public void What_is_not_understood_or_too_much_by_accident_is_refused(params string[] arguments) =>
        Assert.Throws<UsageException>(() => DeadLetterLine.Parse(arguments));

    [Fact]
    public void Help_names_every_option()
    {
        string[] options = ["--id", "--all", "--kind", "--app", "--limit", "--content", "--data", "--help"];

        Assert.All(options, option => Assert.Contains($"  {option} ", DeadLetterLine.Usage, StringComparison.Ordinal));
        Assert.True(DeadLetterLine.Parse(["resend", "--help"]).IsHelp);
    }
}
