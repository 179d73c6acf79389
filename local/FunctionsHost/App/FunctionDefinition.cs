namespace Parley.Local.FunctionsHost;

/// <summary>One function: its folder's name, its single trigger, and its outputs.</summary>
internal sealed record FunctionDefinition(string Name, string File, Trigger Trigger, IReadOnlyList<OutputBinding> Outputs)
{
    /// <summary>One httpTrigger and one http output, nothing else: the request itself goes to the handler, not an envelope.</summary>
    public bool IsPureHttp => Trigger is HttpTrigger && Outputs is [HttpOutput];

    public QueueOutput? QueueOutputNamed(string name) => Outputs.OfType<QueueOutput>().FirstOrDefault(output => output.Name == name);
}

/// <summary>Who may call an HTTP function.</summary>
internal enum AuthLevel
{
    Anonymous,
    Function,
    Admin,
}

internal abstract record Trigger(string Name);

/// <param name="Route">Route template without the prefix.</param>
/// <param name="Methods">Upper case; empty for all.</param>
internal sealed record HttpTrigger(string Name, AuthLevel Level, IReadOnlyList<string> Methods, string Route) : Trigger(Name);

/// <param name="Connection">Connection string.</param>
internal sealed record QueueTrigger(string Name, string Queue, string Connection) : Trigger(Name);

/// <param name="Connection">Connection string.</param>
internal sealed record ServiceBusTrigger(string Name, string Queue, string Connection, bool IsSessionsEnabled) : Trigger(Name);

internal sealed record TimerTrigger(string Name, TimerSchedule Schedule, bool RunOnStartup, bool UseMonitor) : Trigger(Name);

/// <param name="Name">Name of the binding; <c>$return</c> takes the return value.</param>
internal abstract record OutputBinding(string Name);

internal sealed record HttpOutput(string Name) : OutputBinding(Name);

/// <param name="Binary">dataType "binary": strings are not tried as base64.</param>
internal sealed record QueueOutput(string Name, string Queue, string Connection, bool Binary) : OutputBinding(Name);
