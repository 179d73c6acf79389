namespace Parley.Local.SignalRService.Hubs;

internal enum TargetKind
{
    Everyone,
    User,
    Group,
    Connection,
}

/// <summary>Which open connections of a hub a call means; ids in Excluded are not meant.</summary>
internal sealed record Target(TargetKind Kind, string Name, IReadOnlySet<string> Excluded);
