using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>What docs/api-coverage.md says is there is there, and what it says is not yet answers 60009.</summary>
public sealed class CoverageTests(LocalEnvironmentFixture fixture)
{
    private const int UnknownCommand = 60009;

    /// <summary>What known commands answer to a call that names no app.</summary>
    private const int MissingApp = 60012;

    [Fact]
    public async Task The_table_tells_which_commands_are_there()
    {
        var environment = await fixture.StartedAsync();
        var rows = ApiCoverage.Commands();
        Assert.Contains(("openim/sendmsg", true), rows);
        Assert.Contains(("openconfigsvr/set_app_settings", true), rows);

        foreach (var (command, isThere) in rows)
        {
            var answer = await environment.Api.PostAsync($"/v4/{command}", "{}");
            Assert.Equal((command, isThere ? MissingApp : UnknownCommand), (command, answer.GetProperty("ErrorCode").GetInt32()));
        }
    }
}
