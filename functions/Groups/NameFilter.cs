using Parley.Rest;

namespace Parley.Groups;

/// <summary>Which fields an answer shall have; a name that nobody knows is passed over.</summary>
/// <param name="Names">Null for all.</param>
public readonly record struct NameFilter(IReadOnlyList<string>? Names)
{
    public static readonly NameFilter All = new(null);

    public static readonly NameFilter None = new([]);

    public bool Has(string name) => Names is null || Names.Contains(name);

    /// <summary>A field's text, or null where it is not asked for.</summary>
    public string? Text(string name, string value) => Has(name) ? value : null;

    /// <summary>A field's number, or null where it is not asked for.</summary>
    public long? Number(string name, long value) => Has(name) ? value : null;

    /// <summary>Reads a list of names.</summary>
    /// <param name="absent">What counts where there is none.</param>
    public static NameFilter Read(FieldReader fields, string name, NameFilter absent) =>
        fields.Has(name) ? new NameFilter(fields.OptionalTexts(name, ApiError.GroupParameter)) : absent;
}
