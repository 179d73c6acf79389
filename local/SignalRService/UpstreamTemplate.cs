namespace Parley.Local.SignalRService;

/// <summary>
/// One upstream rule: events that match all three patterns are posted to the URL. Rules are tried in order; the first match wins.
/// <code>
/// new UpstreamTemplate("http://127.0.0.1:7071/upstream/secret?event={event}", HubPattern: "chat", CategoryPattern: "connections")
/// </code>
/// </summary>
/// <param name="UrlTemplate">An absolute URL; {hub}, {category} and {event} are replaced, URL-escaped.</param>
/// <param name="HubPattern">"*", a name, or names parted by commas.</param>
/// <param name="CategoryPattern">As above, of "connections" and "messages".</param>
/// <param name="EventPattern">As above, of "connected", "disconnected" and the targets that clients invoke.</param>
/// <remarks>Names compare case-sensitively, as in Microsoft's emulator.</remarks>
public sealed record UpstreamTemplate(
    string UrlTemplate, string HubPattern = "*", string CategoryPattern = "*", string EventPattern = "*")
{
    internal bool Matches(string hub, string category, string eventName) =>
        Matches(HubPattern, hub) && Matches(CategoryPattern, category) && Matches(EventPattern, eventName);

    internal Uri UrlFor(string hub, string category, string eventName) => new(
        UrlTemplate
            .Replace("{hub}", Uri.EscapeDataString(hub), StringComparison.Ordinal)
            .Replace("{category}", Uri.EscapeDataString(category), StringComparison.Ordinal)
            .Replace("{event}", Uri.EscapeDataString(eventName), StringComparison.Ordinal));

    private static bool Matches(string pattern, string name) =>
        pattern.Split(',', StringSplitOptions.TrimEntries).Any(part => part == "*" || part == name);
}
