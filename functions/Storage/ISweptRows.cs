using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>A kind of rows that the timer looks at now and then: what should have become of them may have broken off, or their time is over.</summary>
/// <remarks>Register implementations as services of this type.</remarks>
public interface ISweptRows
{
    /// <summary>Name of the table.</summary>
    string Table { get; }

    /// <summary>What is needed of a row, besides its keys.</summary>
    IReadOnlyList<string> Columns { get; }

    /// <summary>Which rows, as a filter of the table's; by their row keys first.</summary>
    string Filter(DateTimeOffset now);

    /// <summary>Whether a row, by its key, is of this kind.</summary>
    bool Has(string rowKey);

    /// <summary>Does what is to be done for a row; the next round tries again what fails.</summary>
    Task LookAtAsync(TableEntity row, CancellationToken cancellation);
}
