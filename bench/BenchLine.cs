using System.Globalization;

namespace Parley.Bench;

/// <summary>The parsed command line. Defaults are those of <see cref="Usage"/>.</summary>
internal sealed record BenchLine
{
    public const string Usage = """
        Measures Parley on this computer, over loopback, against Azurite and the SignalR stand-in. Linux only.

        Usage: dotnet run -c Release --project bench -- COMMAND [OPTIONS]

        Commands:
          cold-start          From the start of the process to the answer of the first stored message, native against JIT.
          cost                Storage transactions and SignalR calls per message, to accounts and to groups. Exit code 1 when a target is missed.
          load                Messages per second, latency, CPU and memory under a closed-loop load, next to the speed of Azurite
                              alone. Exit code 1 when a message was lost, duplicated or out of order.
          group-fanout        From the send of a message to a group until the last of its connected members has it. Exit code 1 when
                              a member missed a message or heard it twice.
          capacity            What deployments of 1,000 to 100 million accounts need, by formulas, and a drawn load against them. Runs
                              nothing. Exit code 1 when they differ.

        Options:
          --json FILE         Write the figures as JSON, too.
          --native DIR        cold-start: the published native app (published to artifacts/native if not given).
          --jit DIR           cold-start: the published JIT app (published to artifacts/jit if not given).
          --runs N            cold-start: starts of each (7).
          --poll MS           cold-start: pause between two ready checks (5; the Functions host's is 25).
          --app DIR           cost, load, group-fanout: the app folder (the ordinary build of this configuration).
          --messages N        cost: messages per case (50), and per sender where many send at once.
          --members N         cost: members of the largest group (10000).
          --cases TEXT        cost: only those cases whose names contain this.
          --senders N         load: senders, each waiting for its answer before it sends again (8).
          --receivers N       load: connected accounts (20).
          --seconds S         load: length of the measured part (20).
          --listeners N       group-fanout: connected members (1000).
          --sends N           group-fanout: messages (20).
          --accounts N        capacity: accounts, instead of the four sizes.
          --assume NAME=VALUE capacity: another assumption, for example Messages=50; repeatable. A wrong name lists them.
          --seed N            capacity: of what is drawn (1).
          --direct            load: call the handler itself instead of through the Functions host stand-in.
          --counted           load: count storage transactions with a proxy before Azurite, which slows both measurements.
          --help              Print this.

        """;

    public string Command { get; private init; } = "";

    public string? JsonFile { get; private init; }

    public string? NativeFolder { get; private init; }

    public string? JitFolder { get; private init; }

    public int Runs { get; private init; } = 7;

    public TimeSpan ReadyPoll { get; private init; } = TimeSpan.FromMilliseconds(5);

    public string? AppFolder { get; private init; }

    public int Messages { get; private init; } = 50;

    public int Members { get; private init; } = 10_000;

    public string Cases { get; private init; } = "";

    public int Senders { get; private init; } = 8;

    public int Receivers { get; private init; } = 20;

    public TimeSpan Duration { get; private init; } = TimeSpan.FromSeconds(20);

    public int Listeners { get; private init; } = 1_000;

    public int Sends { get; private init; } = 20;

    public double Accounts { get; private init; }

    public IReadOnlyList<string> Assumptions { get; private init; } = [];

    public int Seed { get; private init; } = 1;

    public bool IsDirect { get; private init; }

    public bool IsCounted { get; private init; }

    /// <summary>Parses the arguments.</summary>
    /// <exception cref="BenchException">An argument is unknown or malformed.</exception>
    public static BenchLine Parse(IReadOnlyList<string> arguments)
    {
        var line = new BenchLine();
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out var argument))
        {
            line = argument switch
            {
                "--help" or "-h" => line with { Command = "help" },
                "--json" => line with { JsonFile = Value(argument, rest) },
                "--native" => line with { NativeFolder = Value(argument, rest) },
                "--jit" => line with { JitFolder = Value(argument, rest) },
                "--runs" => line with { Runs = Number(argument, rest, 1, 100) },
                "--poll" => line with { ReadyPoll = TimeSpan.FromMilliseconds(Number(argument, rest, 1, 1000)) },
                "--app" => line with { AppFolder = Value(argument, rest) },
                "--messages" => line with { Messages = Number(argument, rest, 1, 1000) },
                "--members" => line with { Members = Number(argument, rest, 1_000, 100_000) },
                "--cases" => line with { Cases = Value(argument, rest) },
                "--senders" => line with { Senders = Number(argument, rest, 1, 256) },
                "--receivers" => line with { Receivers = Number(argument, rest, 1, 500) },
                "--seconds" => line with { Duration = TimeSpan.FromSeconds(Number(argument, rest, 1, 300)) },
                "--listeners" => line with { Listeners = Number(argument, rest, 1, 2_000) },
                "--sends" => line with { Sends = Number(argument, rest, 1, 1000) },
                "--accounts" => line with { Accounts = Number(argument, rest, 100, 1_000_000_000) },
                "--assume" => line with { Assumptions = [.. line.Assumptions, Value(argument, rest)] },
                "--seed" => line with { Seed = Number(argument, rest, 0, int.MaxValue) },
                "--direct" => line with { IsDirect = true },
                "--counted" => line with { IsCounted = true },
                ['-', ..] => throw new BenchException($"Unknown option '{argument}'. See --help."),
                _ when line.Command.Length == 0 => line with { Command = argument },
                _ => throw new BenchException($"Unexpected argument '{argument}'. See --help."),
            };
        }

        return line;
    }

    private static string Value(string option, Queue<string> rest) =>
        rest.TryDequeue(out var value) && value.Length > 0 ? value : throw new BenchException($"'{option}' needs a value. See --help.");

    private static int Number(string option, Queue<string> rest, int least, int most)
    {
        var text = Value(option, rest);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new BenchException($"'{option}' needs a number from {least} to {most}, not '{text}'. See --help.");
    }
}
