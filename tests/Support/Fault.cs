namespace Parley.Tests.Support;

/// <summary>What the proxy does to one request. Each states whether the server behind it sees the request.</summary>
public abstract record Fault
{
    /// <summary>Forwards and answers as usual.</summary>
    public static Fault None { get; } = new NoFault();

    /// <summary>Cuts the connection without forwarding.</summary>
    public static Fault DropBefore { get; } = new Silence(Forward: false, TimeSpan.Zero);

    /// <summary>Forwards, waits for the answer (so the change is committed), then cuts the connection instead of answering.</summary>
    public static Fault DropAfter { get; } = new Silence(Forward: true, TimeSpan.Zero);

    /// <summary>Does not forward and never answers; cuts the connection when the client leaves or <paramref name="hold"/> is over.</summary>
    public static Fault TimeOutBefore(TimeSpan hold) => new Silence(Forward: false, hold);

    /// <summary>Forwards, keeps the answer back and cuts the connection when the client leaves or <paramref name="hold"/> is over.</summary>
    public static Fault TimeOutAfter(TimeSpan hold) => new Silence(Forward: true, hold);

    /// <summary>Forwards and answers after the time is over.</summary>
    public static Fault Delay(TimeSpan time) => new Delayed(time);

    /// <summary>Forwards, says when the server has answered, and passes that answer on when <paramref name="until"/> is done.</summary>
    public static Fault HoldAnswer(TaskCompletionSource answered, Task until) => new Held(answered, until);

    /// <summary>Says when the request has come, and forwards it when <paramref name="until"/> is done, even if the client has left by then.</summary>
    public static Fault HoldRequest(TaskCompletionSource come, Task until) => new Late(come, until);

    /// <summary>
    /// Answers without forwarding, in the form of the Table service: 409 EntityAlreadyExists, 412 UpdateConditionNotSatisfied,
    /// 429 TooManyRequests, 503 ServerBusy, 500 OperationTimedOut. For a batch, 409 and 412 come inside a 202, as from the service.
    /// </summary>
    public static Fault Answer(int status) => new Answered(status);

    public sealed record NoFault : Fault;

    public sealed record Silence(bool Forward, TimeSpan Hold) : Fault;

    public sealed record Delayed(TimeSpan Time) : Fault;

    public sealed record Held(TaskCompletionSource ServerAnswered, Task Until) : Fault;

    public sealed record Late(TaskCompletionSource Come, Task Until) : Fault;

    public sealed record Answered(int Status) : Fault;
}
