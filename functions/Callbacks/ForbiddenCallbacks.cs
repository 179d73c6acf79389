using Parley.Rest;

namespace Parley.Callbacks;

/// <summary>The callbacks that a send does without: field ForbidCallbackControl.</summary>
/// <remarks>
/// Source: API reference, messages §3, callbacks §1.4. For administrators only: what accounts send is what the callbacks are for. Unknown values are
/// ignored (our choice).
/// </remarks>
public readonly record struct ForbiddenCallbacks(bool Before, bool After)
{
    private const string Field = "ForbidCallbackControl";

    public static ForbiddenCallbacks Read(FieldReader fields, ApiError wrong)
    {
        var names = fields.OptionalTexts(Field, wrong);
        return new ForbiddenCallbacks(names.Contains("ForbidBeforeSendMsgCallback"), names.Contains("ForbidAfterSendMsgCallback"));
    }

    /// <summary>What of it counts for a caller.</summary>
    public ForbiddenCallbacks For(Caller caller) => caller.IsAdmin ? this : default;
}
