using Parley.Apps;
using Parley.Rest;

namespace Parley.Groups.Callbacks;

/// <summary>Who caused an event of a group, as the callbacks about it say.</summary>
/// <param name="Account">An administrator of the app by its own name.</param>
public sealed record CallbackCause(App App, string Account, CallOrigin Origin)
{
    public static CallbackCause Of(Caller caller) => new(caller.App, caller.Account, caller.Origin);

    /// <summary>Of what nobody asked for.</summary>
    public static CallbackCause OfNobody(App app, string account = "") => new(app, account, CallOrigin.Unknown);
}
