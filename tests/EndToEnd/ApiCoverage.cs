using System.Text.RegularExpressions;
using Parley.Tests.Packaging;

namespace Parley.Tests.EndToEnd;

/// <summary>The commands that docs/api-coverage.md names.</summary>
internal static partial class ApiCoverage
{
    /// <summary>A name that ends in * stands for these.</summary>
    private static readonly Dictionary<string, string[]> Families = new(StringComparer.Ordinal)
    {
        ["follow/*"] = ["follow/follow_add", "follow/follow_delete", "follow/follow_check", "follow/follow_get"],
        ["im_cos_msg/*"] = ["im_cos_msg/get_cos_sig", "im_cos_msg/forbid_illegal_object", "im_cos_msg/allow_banned_object"],
    };

    /// <summary>Every command as <c>service/name</c>, and whether it is there.</summary>
    public static IReadOnlyList<(string Command, bool IsThere)> Commands() =>
        [.. Row().Matches(Checkout.Read("docs", "api-coverage.md"))
            .SelectMany(row => NamesIn(row.Groups["names"].Value).Select(command => (Command: command, IsThere: row.Groups["state"].Value == "done")))];

    // A name without a service is of that before it; what is no command of the dispatcher has a space in it.
    private static IEnumerable<string> NamesIn(string cell)
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
