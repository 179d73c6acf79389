using Parley.Apps;
using Parley.Rest;

namespace Parley.Callbacks;

/// <summary>A kind of callback, which an app switches on by its name.</summary>
public sealed record CallbackCommand(string Name)
{
    /// <summary>What an answer can refuse; null for callbacks that are made after the event and refuse nothing.</summary>
    public CallbackRefusal? Refusal { get; init; }

    public bool IsOn(App app) => app.CallbackUrl.Length > 0 && app.CallbackCommands.Contains(Name);
}

/// <summary>How the answer to a callback before an action is understood.</summary>
/// <param name="Refused">What the caller gets when the answer is 1, or any other code that has no meaning; null where the outer code means nothing.</param>
/// <param name="Failed">What the caller gets when there is no proper answer and the app wants nothing done then.</param>
/// <param name="LowestCode">The first of the app's own codes, which are passed on to the caller with their text.</param>
/// <param name="HighestCode">The last of them.</param>
/// <param name="MayDrop">Whether 2 means that nothing is done and the caller is told of success.</param>
/// <remarks>Source: API reference, callbacks §2, errors of groups and relations §4.</remarks>
public sealed record CallbackRefusal(ApiError? Refused, ApiError Failed, int LowestCode = 0, int HighestCode = -1, bool MayDrop = false)
{
    private const int MaxInfoCharacters = 512;

    /// <summary>The app's own error, if that is one of its codes; else another.</summary>
    public ApiError ErrorOf(long code, string info, ApiError otherwise) => code < LowestCode || code > HighestCode
        ? otherwise
        : new ApiError((int)code, info.Length <= MaxInfoCharacters ? info : info[..MaxInfoCharacters]);
}
