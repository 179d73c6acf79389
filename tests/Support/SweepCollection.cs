namespace Parley.Tests.Support;

/// <summary>Tests that sweep the shared store, or whose rows a sweep with another clock would take: they run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class SweepCollection
{
    public const string Name = "The sweep";
}
