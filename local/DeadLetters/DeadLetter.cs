namespace Parley.Local.DeadLetters;

/// <summary>Something that was given up, where it lies, and what can be done with it.</summary>
internal sealed record DeadLetter
{
    /// <summary>What keeps it: this program does not understand it.</summary>
    public const string Unreadable = "it cannot be read";

    /// <summary>The table, or the queue, by its name.</summary>
    public required string Place { get; init; }

    /// <summary>Names it within its place.</summary>
    public required string Id { get; init; }

    /// <summary>What it was to do: <c>deliver</c>, <c>callback</c>, …</summary>
    public required string Kind { get; init; }

    /// <summary>Null where that cannot be told.</summary>
    public uint? SdkAppId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Why it was given up, as far as its place says.</summary>
    public required string Reason { get; init; }

    /// <summary>Reads the job or callback itself.</summary>
    public required Func<CancellationToken, Task<string>> ReadAsync { get; init; }

    /// <summary>Has it done once more, and then takes it away: what breaks off between the two is done twice.</summary>
    /// <remarks>What keeps it from being done, such as <see cref="Unreadable"/>, when it would only come back; then it stays. Else null.</remarks>
    public required Func<CancellationToken, Task<string?>> ResendAsync { get; init; }

    public required Func<CancellationToken, Task> DropAsync { get; init; }
}

/// <summary>Where such things lie.</summary>
internal interface IDeadLetterPlace
{
    /// <summary>All that lies there, oldest first where the place knows an order. What is neither sent again nor dropped meanwhile stays.</summary>
    IAsyncEnumerable<DeadLetter> ReadAsync(CancellationToken cancellation);
}
