using System.Text.RegularExpressions;
using Parley.Rest;
using Parley.Tests.Packaging;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>What docs/api-coverage.md says is there is there, what it says is not, or not yet, answers 60009, and nothing is there of which it says nothing.</summary>
public sealed partial class CoverageTests(LocalEnvironmentFixture fixture, AzuriteFixture azurite)
{
    private const int UnknownCommand = 60009;

    /// <summary>What known commands answer to a call that names no app.</summary>
    private const int MissingApp = 60012;

    /// <summary>A name that ends in * stands for these.</summary>
    private static readonly Dictionary<string, string[]> Families = new(StringComparer.Ordinal)
    {
        ["follow/*"] = ["follow/follow_add", "follow/follow_delete", "follow/follow_check", "follow/follow_get"],
        ["im_cos_msg/*"] = ["im_cos_msg/get_cos_sig", "im_cos_msg/forbid_illegal_object", "im_cos_msg/allow_banned_object"],
    };

    [Fact]
    public async Task The_table_tells_which_commands_are_there()
    {
        var environment = await fixture.StartedAsync();
        var rows = ReadRows();
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
        var listed = ReadRows().Where(row => row.IsThere).Select(row => row.Command).ToHashSet(StringComparer.Ordinal);

        Assert.Equal([], app.Get<CommandRegistry>().Names.Where(name => !listed.Contains(name)).Order(StringComparer.Ordinal));
    }

    private static List<(string Command, bool IsThere)> ReadRows() =>
    [
        .. Row().Matches(Checkout.Read("docs", "api-coverage.md"))
            .SelectMany(row => Commands(row.Groups["names"].Value).Select(command => (Command: command, IsThere: row.Groups["state"].Value == "done"))),
    ];

    // A name without a service is of that before it; what is no command of the dispatcher has a space in it.
    private static IEnumerable<string> Commands(string cell)
    {
        var service = "";
        foreach (var name in Name().Matches(cell).Select(match => match.Groups["name"].Value).Where(name => !name.Contains(' ')))
        {
            service = name.Contains('/') ? name.Split('/')[0] : service;
            var command = name.Contains('/') ? name : $"{service}/{name}";
            foreach (var one in Families.GetValueOrDefault(command, [command]))
            {
                yield return one;
            }
        }
    }

    [GeneratedRegex(@"^\| (?<names>`[^|]*) \| (?<state>done|not yet|no)\b", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<name>[^`]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
