using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Accounts;
using Parley.Callbacks;
using Parley.Events;
using Parley.Moderation;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Profiles;

/// <summary>
/// Sets fields of a profile, all of them or, when one is wrong, none: an administrator of any account, an account its own.
/// <code>
/// POST /v4/profile/portrait_set
/// { "From_Account": "mia.k", "ProfileItem": [ { "Tag": "Tag_Profile_IM_Nick", "Value": "Mia" }, { "Tag": "Tag_Profile_IM_BirthDay", "Value": 19991231 } ] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// An empty text clears a field (our choice). Of a tag that comes twice the last value counts.
/// Errors: 40001 body or parameter, 40003 unknown account, 40004 another account's profile, 40005 a dirty word, 40008 no right to write, 40009 unknown tag, 40601 too
/// long, 40605 illegal value, 40610 wrong type.
/// Source: API reference, profile §4 and §6.
/// </remarks>
public sealed class SetProfile(
    ProfileTable profiles, AccountDirectory accounts, DirtyWords dirtyWords, AccountEvents events, ProfileAnnouncement announcement, AfterCallbacks callbacks)
    : ICommand<SetProfileRequest, DisplayEnvelope>
{
    public async Task<Result<DisplayEnvelope>> HandleAsync(Caller caller, SetProfileRequest request, CancellationToken cancellation)
    {
        if (!caller.MayActAs(request.Account))
        {
            return ApiError.ProfileAdminRequired;
        }

        if (!TryRead(caller, request.Items, out var changes, out var wrong))
        {
            return wrong;
        }

        if (await dirtyWords.AreInAsync(caller.App, changes.Where(change => change.Tag.Choices is null).Select(change => change.Value).OfType<string>(), cancellation))
        {
            return ApiError.ProfileTextDirty;
        }

        var owner = new AccountKey(caller.App.SdkAppId, request.Account);
        var callback = callbacks.Begin(caller.App, CallbackCommands.PortraitSet, caller.Origin);
        Action<PartitionView, IReadOnlyList<TagValue>>? tell = callback is null ? null : (view, changed) => callback.Append(
            view, new ChangedProfileFields(caller.Account, request.Account, changed, callback.At.ToUnixTimeMilliseconds()), ParleyJson.Wire.ChangedProfileFields);
        if (!FieldReader.IsAccount(request.Account) || await profiles.ChangeAsync(owner, changes, tell, CancellationToken.None) is not { } changed)
        {
            return ApiError.ProfileAccountUnknown.In("From_Account");
        }

        accounts.Note(owner, changed.State);
        if (changed.Event is not null)
        {
            await events.DeliverAsync(owner, changed.Event);
            announcement.TellBeside(owner, changed.Content);
        }

        return DisplayEnvelope.Ok;
    }

    private static bool TryRead(
        Caller caller, IReadOnlyList<(string Tag, JsonElement Value)> items, out IReadOnlyList<ProfileChange> changes,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out ApiError? wrong)
    {
        var read = new Dictionary<string, ProfileChange>(StringComparer.Ordinal);
        changes = [];
        foreach (var (name, json) in items)
        {
            if (!ProfileTags.Find(caller.App, name).TryGet(out var tag, out wrong))
            {
                return false;
            }

            if (!tag.IsWritable && !caller.IsAdmin)
            {
                wrong = ApiError.ProfileNotWritable.In(name);
                return false;
            }

            if (!tag.Parse(json).TryGet(out var value, out wrong))
            {
                return false;
            }

            read[name] = new ProfileChange(tag, value);
        }

        wrong = null;
        changes = [.. read.Values];
        return true;
    }
}

/// <summary>
/// Fields of a callback: a profile was changed.
/// <code>
/// { "CallbackCommand": "Profile.CallbackPortraitSet", "Operator_Account": "administrator", "From_Account": "mia.k",
///   "ProfileItem": [ { "Tag": "Tag_Profile_IM_Nick", "Value": "Mia" } ], "EventTime": 1700000000000 }
/// </code>
/// </summary>
/// <param name="ProfileItem">The fields whose values changed, also those that only administrators may read; of one that was cleared, the empty text or 0.</param>
/// <param name="EventTime">Unix milliseconds.</param>
/// <remarks>Source: API reference, callbacks §4.1.</remarks>
public sealed record ChangedProfileFields(
    [property: JsonPropertyName("Operator_Account")] string OperatorAccount, [property: JsonPropertyName("From_Account")] string FromAccount,
    IReadOnlyList<TagValue> ProfileItem, long EventTime);

public sealed record SetProfileRequest(string Account, IReadOnlyList<(string Tag, JsonElement Value)> Items) : IRequest<SetProfileRequest>
{
    public static SetProfileRequest Read(FieldReader fields)
    {
        var account = fields.Text("From_Account", ApiError.ProfileParameter);
        var items = fields.Objects("ProfileItem", ApiError.ProfileParameter);
        if (items.Count == 0)
        {
            fields.Fail(ApiError.ProfileParameter.In("ProfileItem"));
        }

        return new SetProfileRequest(account, [.. items.Select(ReadItem)]);
    }

    private static (string Tag, JsonElement Value) ReadItem(FieldReader item)
    {
        if (!item.Has("Value"))
        {
            item.Fail(ApiError.ProfileParameter.In("Value"));
        }

        // The body that it is part of is given back when the command has run, and a result may outlive it.
        return (item.Text("Tag", ApiError.ProfileParameter), item.Element("Value")?.Clone() ?? default);
    }
}
