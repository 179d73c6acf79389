using System.Text.RegularExpressions;

namespace Parley.Local.SignalRService.Hubs;

internal static partial class HubName
{
    public static bool IsValid(string name) => Pattern().IsMatch(name);

    public static string Normalise(string name) => name.ToLowerInvariant();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_`,.\[\]]{0,127}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
