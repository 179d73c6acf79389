using Parley.Rest;

namespace Parley.Groups;

/// <summary>Who wants to do something: an account by what it is in the group, or an administrator of the app, who may do what an owner may.</summary>
/// <param name="Account">To whom it is attributed; an administrator may name another.</param>
public readonly record struct GroupActor(string Account, bool IsAppAdmin)
{
    /// <param name="onBehalfOf">From_Account of an administrator's request.</param>
    public static GroupActor Of(Caller caller, string? onBehalfOf = null) => new(onBehalfOf ?? caller.Account, caller.IsAdmin);
}
