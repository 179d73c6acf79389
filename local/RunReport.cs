using Spectre.Console;

namespace Parley.Local;

/// <summary>Says on the console what the run is doing. In a terminal with colours and a spinner, else as plain lines.</summary>
internal sealed class RunReport(IAnsiConsole console)
{
    /// <summary>Runs one step under its title, then prints what came of it.</summary>
    public async Task<T> StepAsync<T>(string title, Func<Task<T>> step, Func<T, string> result)
    {
        var value = console.Profile.Capabilities.Interactive
            ? await console.Status().StartAsync(Markup.Escape(title), _ => step())
            : await PlainAsync(title, step);
        Line($"[green]✓[/] {Markup.Escape(result(value))}");
        return value;
    }

    /// <summary>Says that a server is elsewhere than usual.</summary>
    public void SayIfReplaced(string server, int wanted, Uri actual)
    {
        if (actual.Port != wanted)
        {
            Note($"Port {wanted} is busy: {server} is on port {actual.Port} instead.");
        }
    }

    public void Note(string text) => Line($"[yellow]![/] {Markup.Escape(text)}");

    public void Failure(string text) => Line($"[red]✗[/] {Markup.Escape(text)}");

    public void Heading(string text) => Line($"\n[bold]{Markup.Escape(text)}[/]");

    /// <summary>Prints text to be copied: never wrapped, never coloured.</summary>
    public static void Verbatim(string text) => Console.Out.WriteLine(text);

    private static async Task<T> PlainAsync<T>(string title, Func<Task<T>> step)
    {
        await Console.Out.WriteLineAsync($"  {title} ...");
        return await step();
    }

    // Without a terminal there is no width to wrap to.
    private void Line(string markup)
    {
        if (console.Profile.Capabilities.Interactive)
        {
            console.MarkupLine(markup);
        }
        else
        {
            Console.Out.WriteLine(Markup.Remove(markup));
        }
    }
}
