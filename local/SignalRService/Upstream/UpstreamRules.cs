namespace Parley.Local.SignalRService.Upstream;

/// <summary>The rules in force, which can be replaced while clients are connected.</summary>
internal sealed class UpstreamRules(IReadOnlyList<UpstreamTemplate> initial)
{
    public IReadOnlyList<UpstreamTemplate> Templates
    {
        get => Volatile.Read(ref field);
        set => Volatile.Write(ref field, value);
    } = initial;

    public UpstreamTemplate? Find(string hub, string category, string eventName) =>
        Templates.FirstOrDefault(template => template.Matches(hub, category, eventName));
}
