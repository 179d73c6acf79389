namespace Parley.Local.FunctionsHost;

/// <summary>What the host does after its handler ended or failed to start.</summary>
public enum HandlerExitReaction
{
    /// <summary>It is started again.</summary>
    Restart,

    /// <summary>Exit code 0: a normal end, after which the real host starts nothing either. Invocations fail from here on.</summary>
    LeaveStopped,

    /// <summary>Too many errors: the host has stopped.</summary>
    GiveUp,
}

/// <summary>One end of the handler process that was not asked for by disposing the host.</summary>
public sealed class HandlerExitedEventArgs(int? processId, int? exitCode, HandlerExitReaction reaction, string reason) : EventArgs
{
    /// <summary>The process, or null when it could not be started at all.</summary>
    public int? ProcessId => processId;

    /// <summary>Exit code (128 + signal on Unix), or null when the host itself ended the process or there was none.</summary>
    public int? ExitCode => exitCode;

    public HandlerExitReaction Reaction => reaction;

    /// <summary>For people: what happened.</summary>
    public string Reason => reason;
}

/// <summary>A handler process answers on its port.</summary>
public sealed class HandlerReadyEventArgs(int processId, Uri address) : EventArgs
{
    public int ProcessId => processId;

    public Uri Address => address;
}
