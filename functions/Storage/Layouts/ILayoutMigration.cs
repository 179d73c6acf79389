using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>How rows of a table get from one layout to the next. The program that brings it reads both.</summary>
/// <remarks>Register implementations as services of this type, for every step since the first layout that an export may have.</remarks>
public interface ILayoutMigration
{
    string Table { get; }

    /// <summary>The layout afterwards; before, it is one less.</summary>
    int To { get; }

    /// <summary>Which rows change, as a filter of the table's.</summary>
    string Filter { get; }

    /// <summary>The rows that are there instead of a row. A pure function; a row that has the new layout comes back as it is.</summary>
    IReadOnlyList<TableEntity> Migrate(TableEntity row);
}
