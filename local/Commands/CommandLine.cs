using System.Globalization;

namespace Parley.Local.Commands;

/// <summary>What a command line asks for.</summary>
public enum CommandKind
{
    Run,
    Watch,
    UserSig,
    Export,
    Restore,
    Help,
}

/// <summary>The parsed command line. Defaults are those of <see cref="Usage"/>.</summary>
public sealed record CommandLine
{
    public const int DefaultApiPort = 7071;

    public const string Usage = """
        Runs Parley on this computer.

        Usage: dotnet run --project local [-- COMMAND] [OPTIONS]

        Commands:
          (none)              Start storage, SignalR, the Functions host and the handler, and keep them running.
          watch ACCOUNT       Connect as an account of the running environment and print what arrives.
          usersig ACCOUNT     Print a UserSig of the demo app.
          export DIR          Export an app into a folder; repeated, it goes on where it stopped.
          restore DIR         Restore the export in a folder, into an app that has no accounts and groups; likewise.
          reshard             Spread a deployment's accounts and groups over its storage accounts; see 'reshard --help'.

        Options:
          --data DIR          Folder of stored data and settings (.parley in the working copy).
          --port N            Port of the API (7071; another one is taken and named if it is busy).
          --fresh             Drop the stored data first.
          --app DIR           Run this published app folder instead of the ordinary build.
          --shards N          Have so many storage accounts beside the primary one (0).
          --max-crashes N     Give up when the handler has crashed so often (3, as in Azure).
          --until-eof         Stop when standard input ends, for programs that start this one.
          --json              watch: print each event as one line of JSON.
          --expire SECONDS    usersig: how long it is valid (15552000, which is 180 days).
          --sdkappid N        export: the app (1400000001); restore: the app that gets it (that of the export).
          --storage WHERE     export, restore: a connection string, or https://ACCOUNT.table.core.windows.net to go by
                              your own identity (the running environment's storage).
          --checksum HEX      restore: SHA-256 of the manifest (the one that export left in the folder).
          --force             restore: delete first what the app has.
          --help              Print this.

        """;

    public CommandKind Kind { get; private init; }

    /// <summary>Of watch and usersig.</summary>
    public string Account { get; private init; } = "";

    public string? DataFolder { get; private init; }

    public int ApiPort { get; private init; } = DefaultApiPort;

    public bool IsFresh { get; private init; }

    public string? AppFolder { get; private init; }

    public int MaxCrashes { get; private init; } = 3;

    public int Shards { get; private init; }

    public bool EndsWithInput { get; private init; }

    public bool IsJson { get; private init; }

    public TimeSpan Validity { get; private init; } = DemoApp.DefaultValidity;

    /// <summary>Of export and restore.</summary>
    public string Folder { get; private init; } = "";

    public uint? SdkAppId { get; private init; }

    public string? Storage { get; private init; }

    public string? Checksum { get; private init; }

    public bool IsForced { get; private init; }

    /// <summary>Parses the arguments.</summary>
    /// <exception cref="UsageException">An argument is unknown, misplaced or malformed.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var line = new CommandLine();
        var words = new List<string>();
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out var argument))
        {
            line = argument switch
            {
                "--help" or "-h" => line with { Kind = CommandKind.Help },
                "--fresh" => line with { IsFresh = true },
                "--until-eof" => line with { EndsWithInput = true },
                "--json" => line with { IsJson = true },
                "--data" => line with { DataFolder = Value(argument, rest) },
                "--app" => line with { AppFolder = Value(argument, rest) },
                "--port" => line with { ApiPort = Number(argument, rest, 1, 65535) },
                "--max-crashes" => line with { MaxCrashes = Number(argument, rest, 1, int.MaxValue) },
                "--shards" => line with { Shards = Number(argument, rest, 0, 20) },
                "--expire" => line with { Validity = TimeSpan.FromSeconds(Number(argument, rest, 1, int.MaxValue)) },
                "--sdkappid" => line with { SdkAppId = (uint)Number(argument, rest, 1, int.MaxValue) },
                "--storage" => line with { Storage = Value(argument, rest) },
                "--checksum" => line with { Checksum = Value(argument, rest) },
                "--force" => line with { IsForced = true },
                ['-', ..] => throw new UsageException($"Unknown option '{argument}'."),
                _ => Word(line, argument, words),
            };
        }

        return line.Kind == CommandKind.Help ? line : line.WithCommand(words);
    }

    private CommandLine WithCommand(List<string> words) => words switch
    {
        [] => this,
        ["watch", var account] => this with { Kind = CommandKind.Watch, Account = account },
        ["usersig", var account] => this with { Kind = CommandKind.UserSig, Account = account },
        ["export", var folder] => this with { Kind = CommandKind.Export, Folder = folder, SdkAppId = SdkAppId ?? DemoApp.SdkAppId },
        ["restore", var folder] => this with { Kind = CommandKind.Restore, Folder = folder },
        ["watch" or "usersig"] => throw new UsageException($"'{words[0]}' needs the name of an account."),
        ["export" or "restore"] => throw new UsageException($"'{words[0]}' needs a folder."),
        ["watch" or "usersig" or "export" or "restore", _, var extra, ..] => throw new UsageException($"Unexpected argument '{extra}'."),
        _ => throw new UsageException($"Unknown command '{words[0]}'."),
    };

    private static CommandLine Word(CommandLine line, string word, List<string> words)
    {
        words.Add(word);
        return line;
    }

    private static string Value(string option, Queue<string> rest) =>
        rest.TryDequeue(out var value) && value.Length > 0 ? value : throw new UsageException($"'{option}' needs a value.");

    private static int Number(string option, Queue<string> rest, int least, int most)
    {
        var text = Value(option, rest);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new UsageException($"'{option}' needs a number from {least} to {most}, not '{text}'.");
    }
}

/// <summary>The command line cannot be understood; the message says why.</summary>
public sealed class UsageException : Exception
{
    public UsageException()
    {
    }

    public UsageException(string message)
        : base(message)
    {
    }

    public UsageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
