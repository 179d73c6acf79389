namespace Parley.Connections.Invocations;

/// <summary>What a client invoked, read from its message.</summary>
/// <param name="Id">What the completion has to name; null when the client waits for none.</param>
/// <param name="Command">Null when it is anything but a command.</param>
public sealed record Invocation(string? Id, InvokedCommand? Command)
{
    /// <summary>The only method: <c>call(service, command, body)</c>.</summary>
    public const string Target = "call";

    /// <summary>How many arguments it has.</summary>
    public const int Arguments = 3;
}

/// <summary>A command with its request.</summary>
/// <param name="Body">Bytes that should be JSON; none when the client's value cannot be JSON, null when they are more than any command takes.</param>
public sealed record InvokedCommand(string Service, string Command, byte[]? Body);
