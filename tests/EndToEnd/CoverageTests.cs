using Parley.Rest;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>What docs/api-coverage.md says is there is there, what it says is not, or not yet, answers 60009, and nothing is there of which it says nothing.</summary>
public sealed class CoverageTests(LocalEnvironmentFixture fixture, AzuriteFixture azurite)
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

    [Fact]
    public async Task Every_command_is_in_the_table()
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        var listed = ApiCoverage.Commands().Where(row => row.IsThere).Select(row => row.Command).ToHashSet(StringComparer.Ordinal);

        Assert.Equal([], app.Get<CommandRegistry>().Names.Where(name => !listed.Contains(name)).Order(StringComparer.Ordinal));
    }
}
