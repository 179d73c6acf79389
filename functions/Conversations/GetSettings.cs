using Parley.Accounts;
using Parley.Rest;

namespace Parley.Conversations;

/// <summary>
/// Gives what an account has set about its conversations since a version. For clients; see docs/client-protocol.md.
/// <code>
/// POST /v4/recentcontact/get_settings
/// { "From_Account": "jonas", "SinceVersion": 7 }
/// → { "Version": 8, "CompleteFlag": 1, "ContactItem": [ { "Type": 1, "To_Account": "mia.k", "StandardMark": "", "CustomMark": "", "ContactGroupId": [],
///     "Timestamp": 1700000600, "Version": 8, "TopFlag": 1, "RecvOpt": "AcceptAndNotify" } ], "GroupItem": [ { "GroupName": "work", "GroupId": 1 } ], …, "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// ContactItem: the conversations that were changed since then, oldest change first, also those about which nothing is set any more. GroupItem: all groups.
/// Version is what the caller knows then; with CompleteFlag 0 it asks again with it. SinceVersion is 0 if absent.
/// Errors: 50001 unknown account, 50002 SinceVersion is no number, 60010 another account's settings. Our own command.
/// </remarks>
public sealed class GetSettings(AccountDirectory accounts, SettingsReader settings) : ICommand<GetSettingsRequest, GetSettingsResponse>
{
    private const int PageSize = 100;

    public async Task<Result<GetSettingsResponse>> HandleAsync(Caller caller, GetSettingsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        // What changed after the head was read comes the next time, or a row that was read before could be missed.
        var (head, all) = await settings.ReadAsync(owner, cancellation);
        var changed = all.Where(one => one.Version > request.SinceVersion && one.Version <= head.Version).OrderBy(one => one.Version).ToList();
        var last = changed.Count > PageSize ? changed[PageSize - 1].Version : head.Version;
        return new GetSettingsResponse
        {
            Version = last,
            CompleteFlag = changed.Count == 0 || changed[^1].Version <= last ? 1 : 0,
            ContactItem = [.. changed.TakeWhile(one => one.Version <= last).Select(one => head.Prune(one).ToContact())],
            GroupItem = [.. head.Groups.Select(group => group.ToItem())],
        };
    }
}

public sealed record GetSettingsRequest(ContactOwner Owner, long SinceVersion) : IRequest<GetSettingsRequest>
{
    public static GetSettingsRequest Read(FieldReader fields)
    {
        var since = fields.OptionalInteger("SinceVersion", ApiError.ConversationParameter) ?? 0;
        if (since < 0)
        {
            fields.Fail(ApiError.ConversationParameter.In("SinceVersion"));
        }

        return new GetSettingsRequest(ContactOwner.Read(fields), since);
    }
}

public sealed record GetSettingsResponse : DisplayEnvelope
{
    public required long Version { get; init; }

    public required int CompleteFlag { get; init; }

    public required IReadOnlyList<ContactSettings> ContactItem { get; init; }

    public required IReadOnlyList<GroupItem> GroupItem { get; init; }
}
