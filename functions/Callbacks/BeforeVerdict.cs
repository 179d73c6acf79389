using Parley.Apps;
using Parley.Rest;

namespace Parley.Callbacks;

/// <summary>What a callback before an action means for it.</summary>
public sealed record BeforeVerdict
{
    private const int DroppedCode = 2;

    /// <summary>Go on, and there is no answer to look at.</summary>
    public static readonly BeforeVerdict GoOn = new();

    /// <summary>What the caller gets instead of the action; null when nothing was refused.</summary>
    public ApiError? Refusal { get; private init; }

    /// <summary>Nothing is done, and the caller is told of success.</summary>
    public bool IsDropped { get; private init; }

    /// <summary>The fields of the answer, where there is one and the action goes on.</summary>
    public FieldReader? Answer { get; private init; }

    /// <summary>The verdict when there is no answer that could be used: what the app wants then.</summary>
    public static BeforeVerdict OfFailure(App app, CallbackCommand command) =>
        app.CallbackFailurePolicy == CallbackFailurePolicy.Refuse ? new BeforeVerdict { Refusal = RefusalOf(command).Failed } : GoOn;

    internal static BeforeVerdict Of(CallbackCommand command, CallbackAnswer answer)
    {
        var refusal = RefusalOf(command);
        var fields = new FieldReader(answer.Json);
        var code = CallbackClient.CodeOf(answer.Json);
        return code is null or 0 || refusal.Refused is null ? new BeforeVerdict { Answer = fields }
            : code == DroppedCode && refusal.MayDrop ? new BeforeVerdict { IsDropped = true }
            : new BeforeVerdict { Refusal = refusal.ErrorOf(code.Value, fields.Apart().OptionalText("ErrorInfo", ApiError.BodyJson) ?? "", refusal.Refused) };
    }

    private static CallbackRefusal RefusalOf(CallbackCommand command) =>
        command.Refusal ?? throw new ArgumentException($"{command.Name} is no callback before an action.", nameof(command));
}
