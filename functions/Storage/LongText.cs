using System.Globalization;
using System.Text;
using Azure.Data.Tables;

namespace Parley.Storage;

/// <summary>A text in as many columns as it needs: a column holds 32 K characters, a row 1 MB.</summary>
public static class LongText
{
    private const int ColumnCharacters = 30_000;

    /// <summary>As much as fits into a row beside other columns.</summary>
    public const int MostCharacters = 12 * (ColumnCharacters - 1);

    /// <exception cref="ArgumentException">The text is longer than a row can hold.</exception>
    public static void Put(TableEntity row, string column, string text)
    {
        if (text.Length > MostCharacters)
        {
            throw new ArgumentException("The text is longer than a row can hold.", nameof(text));
        }

        for (var (part, from) = (0, 0); from < text.Length; part++)
        {
            var length = Math.Min(ColumnCharacters, text.Length - from);

            // Half a character would not come back as it was.
            length -= from + length < text.Length && char.IsHighSurrogate(text[from + length - 1]) ? 1 : 0;
            row[Name(column, part)] = text.Substring(from, length);
            from += length;
        }
    }

    /// <summary>What was put; empty when there is nothing.</summary>
    public static string Get(TableEntity row, string column)
    {
        var text = new StringBuilder();
        for (var i = 0; row.GetString(Name(column, i)) is { } part; i++)
        {
            text.Append(part);
        }

        return text.ToString();
    }

    private static string Name(string column, int part) => part == 0 ? column : string.Create(CultureInfo.InvariantCulture, $"{column}{part + 1}");
}
