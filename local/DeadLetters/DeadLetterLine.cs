using System.Globalization;
using Parley.Local.Commands;

namespace Parley.Local.DeadLetters;

internal enum DeadLetterAction
{
    List,
    Resend,
    Drop,
}

/// <summary>The parsed command line of <c>deadletters</c>.</summary>
internal sealed record DeadLetterLine
{
    public const int DefaultLimit = 50;

    public const string Usage = """
        Shows what a deployment has given up, sends it again, or drops it.

        Usage: dotnet run --project local -- deadletters [list|resend|drop] [OPTIONS]

        It looks at table deadletters, at the queues …-poison of storage and, where the settings name a Service Bus, at
        …/$DeadLetterQueue there. The deployment is that of the app's settings (environment variables Storage__TableEndpoint,
        Storage__QueueEndpoint, further accounts Storage__Shards__0__TableEndpoint and so on, and for Service Bus
        ServiceBus__Namespace), or the running local environment. With endpoints it acts as you ('az login'), who need the
        roles Storage Table Data Contributor and Storage Queue Data Contributor, and for Service Bus Azure Service Bus Data
        Sender and Data Receiver. Runbook: docs/operations/incidents.md.

        Commands:
          list                Show them, oldest first, and how many there are of each kind (the default).
          resend              Have them done again: jobs go back into their queue, callbacks into the stream they are of, and
                              tasks that were given up go on where they stopped.
          drop                Delete them.

        Options:
          --id ID             Only this one; may be repeated.
          --all               resend, drop: all that the options below leave; one of --id and --all is needed.
          --kind KIND         Only this kind, for example deliver, callback or task.
          --app SDKAPPID      Only this app. What cannot be read belongs to none.
          --limit N           At most so many (list: 50; else no limit).
          --content           list: print the jobs and callbacks too, which hold what users wrote.
          --data DIR          Folder of the local environment (.parley in the working copy).
          --help              Print this.

        """;

    public bool IsHelp { get; private init; }

    public DeadLetterAction Action { get; private init; }

    public IReadOnlySet<string> Ids { get; private init; } = new HashSet<string>(StringComparer.Ordinal);

    public bool IsAll { get; private init; }

    public string? LetterKind { get; private init; }

    public uint? SdkAppId { get; private init; }

    public int Limit { get; private init; } = int.MaxValue;

    public bool ShowsContent { get; private init; }

    public string? DataFolder { get; private init; }

    /// <exception cref="UsageException">An argument is unknown or malformed, or they do not go together.</exception>
    public static DeadLetterLine Parse(IEnumerable<string> arguments)
    {
        var (line, ids, actions, rest) = (new DeadLetterLine(), new HashSet<string>(StringComparer.Ordinal), new List<DeadLetterAction>(), new Queue<string>(arguments));
        while (rest.TryDequeue(out var argument))
        {
            switch (argument)
            {
                case "list": actions.Add(DeadLetterAction.List); break;
                case "resend": actions.Add(DeadLetterAction.Resend); break;
                case "drop": actions.Add(DeadLetterAction.Drop); break;
                case "--id": ids.Add(Value(argument, rest)); break;
                default: line = line.WithOption(argument, rest); break;
            }
        }

        return actions.Count > 1
            ? throw new UsageException("One of list, resend and drop only.")
            : (line with { Action = actions.FirstOrDefault(), Ids = ids }).Check();
    }

    /// <summary>Whether it is one of those that are meant.</summary>
    public bool Means(DeadLetter letter) =>
        (Ids.Count == 0 || Ids.Contains(letter.Id)) && (LetterKind is null || LetterKind == letter.Kind) && (SdkAppId is null || SdkAppId == letter.SdkAppId);

    private DeadLetterLine WithOption(string option, Queue<string> rest) => option switch
    {
        "--help" or "-h" => this with { IsHelp = true },
        "--all" => this with { IsAll = true },
        "--kind" => this with { LetterKind = Value(option, rest) },
        "--app" => this with { SdkAppId = (uint)Number(Value(option, rest), uint.MaxValue) },
        "--limit" => this with { Limit = (int)Number(Value(option, rest), int.MaxValue) },
        "--content" => this with { ShowsContent = true },
        "--data" => this with { DataFolder = Value(option, rest) },
        _ => throw new UsageException($"Unknown argument '{option}' of deadletters."),
    };

    private DeadLetterLine Check() => this switch
    {
        { IsHelp: true } => this,
        { Action: DeadLetterAction.List, IsAll: true } => throw new UsageException("--all is for resend and drop."),
        { Action: DeadLetterAction.List } => Limit == int.MaxValue ? this with { Limit = DefaultLimit } : this,
        { ShowsContent: true } => throw new UsageException("--content is for list."),
        { IsAll: true } => Ids.Count == 0 ? this : throw new UsageException("Either --id or --all."),
        _ => Ids.Count > 0 ? this : throw new UsageException("Say which ones: --id, or --all with or without --kind and --app."),
    };

    private static string Value(string option, Queue<string> rest) =>
        rest.TryDequeue(out var value) && value.Length > 0 ? value : throw new UsageException($"'{option}' needs a value.");

    private static long Number(string text, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most
            ? number
            : throw new UsageException($"'{text}' is no number from 1 to {most}.");
}
