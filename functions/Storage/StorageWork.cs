using System.Diagnostics;

namespace Parley.Storage;

/// <summary>What a request to storage is made for, where its own text does not tell: a transaction names its table and rows in its body only, and may serve several calls.</summary>
/// <param name="Rows">How many rows a transaction writes; null for a read.</param>
/// <param name="Origins">The spans that wait for it; null for the one that is under way.</param>
internal sealed record StorageWork(string Table, int? Rows = null, IReadOnlyList<ActivityContext>? Origins = null)
{
    private static readonly AsyncLocal<StorageWork?> Ambient = new();

    /// <summary>Of the code that runs here and of what it awaits.</summary>
    public static StorageWork? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }
}
