using System.Text.Json.Nodes;
using Spectre.Console;

namespace Parley.Bench.Reporting;

/// <summary>
/// What a measurement found: tables for people, and the same figures as JSON. Without a terminal the tables are plain text of
/// whatever width they need.
/// </summary>
internal sealed class Report
{
    private readonly IAnsiConsole _console = AnsiConsole.Console;

    /// <summary>The figures, in the units that the names say.</summary>
    public JsonObject Figures { get; } = [];

    private bool IsTerminal => _console.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;

    /// <summary>Says what is going on; to standard error, so that standard output holds the result only.</summary>
    public static void Progress(string text) => Console.Error.WriteLine(text);

    public void Line(string text)
    {
        if (IsTerminal)
        {
            _console.MarkupLineInterpolated($"{text}");
        }
        else
        {
            Console.Out.WriteLine(text);
        }
    }

    /// <summary>Says whether a target of the design was met.</summary>
    public void Verdict(string what, bool isMet)
    {
        if (IsTerminal)
        {
            _console.MarkupLine($"{(isMet ? "[green]met [/]" : "[red]MISS[/]")} {Markup.Escape(what)}");
        }
        else
        {
            Console.Out.WriteLine($"{(isMet ? "met " : "MISS")} {what}");
        }
    }

    /// <param name="title">Above the table.</param>
    /// <param name="columns">The first is aligned to the left, the others to the right.</param>
    /// <param name="rows">As many cells as columns.</param>
    public void Table(string title, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (IsTerminal)
        {
            WriteTable(title, columns, rows);
        }
        else
        {
            WritePlain(title, columns, rows);
        }
    }

    public async Task WriteJsonAsync(string? file, CancellationToken cancellation)
    {
        if (file is not null)
        {
            await File.WriteAllTextAsync(file, Figures.ToString() + Environment.NewLine, cancellation);
        }
    }

    private void WriteTable(string title, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle(Markup.Escape(title)) };
        for (var i = 0; i < columns.Count; i++)
        {
            table.AddColumn(new TableColumn(Markup.Escape(columns[i])) { Alignment = i == 0 ? Justify.Left : Justify.Right });
        }

        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        _console.Write(table);
    }

    private static void WritePlain(string title, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var lines = rows.Prepend(columns).ToList();
        var widths = Enumerable.Range(0, columns.Count).Select(i => lines.Max(line => line[i].Length)).ToList();
        Console.Out.WriteLine();
        Console.Out.WriteLine(title);
        foreach (var line in lines)
        {
            Console.Out.WriteLine(string.Join("  ", line.Select((cell, i) => i == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[i]))));
        }

        Console.Out.WriteLine();
    }
}
