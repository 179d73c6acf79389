using System.Text.Json;

namespace Parley.Callbacks;

/// <summary>How a callback ended.</summary>
public enum CallbackOutcome
{
    Answered,

    /// <summary>No whole answer in time.</summary>
    TimedOut,

    /// <summary>No connection, or one that broke.</summary>
    Unreachable,

    /// <summary>The deployment lets no callbacks go there.</summary>
    Forbidden,

    /// <summary>Another status than 200; a redirect too.</summary>
    BadStatus,

    /// <summary>No JSON object, or to a callback before an action one without an ErrorCode.</summary>
    BadBody,

    TooLarge,

    /// <summary>Not sent: the receiver has failed too often lately.</summary>
    CircuitOpen,
}

/// <summary>What came of a callback.</summary>
/// <param name="Json">The answer, a JSON object; undefined unless there is one.</param>
/// <param name="Reason">For people: why there is none.</param>
public readonly record struct CallbackAnswer(CallbackOutcome Outcome, JsonElement Json, string Reason)
{
    public bool IsAnswered => Outcome == CallbackOutcome.Answered;

    public static CallbackAnswer Failed(CallbackOutcome outcome, string reason) => new(outcome, default, reason);
}
