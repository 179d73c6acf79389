using System.Globalization;
using Parley.Local.Commands;
using Parley.Storage.Shards;

namespace Parley.Local.Resharding;

/// <summary>The parsed command line of <c>reshard</c>.</summary>
internal sealed record ReshardLine
{
    public const string Usage = """
        Spreads accounts and groups over the storage accounts of a deployment, while it is running.

        Usage: dotnet run --project local -- reshard [OPTIONS]

        The storage accounts are those that the settings of the app name (environment variables Storage__TableEndpoint or
        Storage__ConnectionString, and Storage__Shards__0__… and so on), or those of the running local environment.
        Number 0 is the primary account, number 1 is Storage__Shards__0. With endpoints it acts as you ('az login'), who need
        the role Storage Table Data Contributor on each account. Runbook: docs/operations/scale-out.md.

        Options:
          (none)              Show which account has how many buckets, and what is under way.
          --plan              Show what --apply would move.
          --apply             Move it. Without --to, only go on with what was broken off.
          --to 0,1,2          The accounts that are to have the buckets, evenly; all others give theirs away.
          --to common         With --app: where the buckets of all apps are; takes the app's own places away.
          --app SDKAPPID      Only this app, which gets places of its own.
          --together N        How many of the 1,024 buckets are frozen at once, for some seconds (16).
          --accept-accounts   Write the accounts of the settings into the map: after all were restored into other accounts.
          --data DIR          Folder of the local environment (.parley in the working copy).
          --help              Print this.

        """;

    public bool IsHelp { get; private init; }

    public bool IsPlan { get; private init; }

    public bool IsApply { get; private init; }

    public bool AcceptsAccounts { get; private init; }

    /// <summary>Null when not given, or for the common places.</summary>
    public IReadOnlyList<int>? Targets { get; private init; }

    public bool IsToCommon { get; private init; }

    public uint App { get; private init; } = ShardBucket.AllApps;

    public int Together { get; private init; } = 16;

    public string? DataFolder { get; private init; }

    /// <summary>Whether it says where buckets are to go.</summary>
    public bool HasTargets => Targets is not null || IsToCommon;

    /// <exception cref="UsageException">An argument is unknown or malformed, or they do not go together.</exception>
    public static ReshardLine Parse(IEnumerable<string> arguments)
    {
        var line = new ReshardLine();
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out var argument))
        {
            line = argument switch
            {
                "--help" or "-h" => line with { IsHelp = true },
                "--plan" => line with { IsPlan = true },
                "--apply" => line with { IsApply = true },
                "--accept-accounts" => line with { AcceptsAccounts = true },
                "--to" => line.WithTargets(Value(argument, rest)),
                "--app" => line with { App = (uint)Number(Value(argument, rest), 1, uint.MaxValue) },
                "--together" => line with { Together = (int)Number(Value(argument, rest), 1, ShardBucket.Count) },
                "--data" => line with { DataFolder = Value(argument, rest) },
                _ => throw new UsageException($"Unknown option '{argument}' of reshard."),
            };
        }

        return line.Check();
    }

    private ReshardLine WithTargets(string text) => text == "common"
        ? this with { IsToCommon = true }
        : this with { Targets = [.. text.Split(',').Select(number => (int)Number(number, 0, byte.MaxValue)).Distinct()] };

    private ReshardLine Check() => this switch
    {
        { IsPlan: true, IsApply: true } => throw new UsageException("Either --plan or --apply."),
        { IsPlan: true, HasTargets: false } => throw new UsageException("--plan needs --to."),
        { IsPlan: false, IsApply: false, HasTargets: true } => throw new UsageException("--to needs --plan or --apply."),
        { IsToCommon: true, App: ShardBucket.AllApps } => throw new UsageException("--to common needs --app."),
        { IsToCommon: true, Targets: not null } => throw new UsageException("One --to only."),
        _ => this,
    };

    private static string Value(string option, Queue<string> rest) =>
        rest.TryDequeue(out var value) && value.Length > 0 ? value : throw new UsageException($"'{option}' needs a value.");

    private static long Number(string text, long least, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new UsageException($"'{text}' is no number from {least} to {most}.");
}
