using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Profiles;

/// <summary>
/// Reads chosen fields of up to 100 profiles; everybody may read everybody's.
/// <code>
/// POST /v4/profile/portrait_get
/// { "To_Account": ["mia.k", "nobody"], "TagList": ["Tag_Profile_IM_Nick", "Tag_Profile_Custom_Team"] }
/// → { "UserProfileItem": [ { "To_Account": "mia.k", "ProfileItem": [ { "Tag": "Tag_Profile_IM_Nick", "Value": "Mia" } ], "ResultCode": 0, "ResultInfo": "" },
///       { "To_Account": "nobody", "ResultCode": 40003, "ResultInfo": "The account does not exist." } ],
///     "Fail_Account": ["nobody"], "ActionStatus": "OK", "ErrorCode": 0, "ErrorInfo": "", "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// Only fields with a value are listed. Costs one point read for each account.
/// Errors: 40001 a parameter is wrong or there are more than 100 accounts, 40002 To_Account is missing, 40007 no right to read, 40009 unknown tag; 40003 in an item.
/// Source: API reference, profile §5.
/// </remarks>
public sealed class GetProfiles(ProfileTable profiles) : ICommand<GetProfilesRequest, GetProfilesResponse>
{
    public async Task<Result<GetProfilesResponse>> HandleAsync(Caller caller, GetProfilesRequest request, CancellationToken cancellation)
    {
        if (!ProfileTags.FindReadable(caller, request.Tags).TryGet(out var tags, out var refused))
        {
            return refused;
        }

        var found = await profiles.ReadAsync(caller.App.SdkAppId, request.Accounts.Where(FieldReader.IsAccount), tags, cancellation);
        var items = request.Accounts.Select(account => Item(account, found.GetValueOrDefault(account))).ToList();
        var failed = items.Where(item => item.ResultCode != 0).Select(item => item.ToAccount).ToList();
        return new GetProfilesResponse { UserProfileItem = items, FailAccount = failed.Count == 0 ? null : failed };
    }

    private static UserProfileItem Item(string account, IReadOnlyList<TagValue>? values) => values is null
        ? new UserProfileItem(account, null, ApiError.ProfileAccountUnknown.Code, ApiError.ProfileAccountUnknown.Info)
        : new UserProfileItem(account, values, 0, "");
}

public sealed record GetProfilesRequest(IReadOnlyList<string> Accounts, IReadOnlyList<string> Tags) : IRequest<GetProfilesRequest>
{
    private const int MostAccounts = 100;

    public static GetProfilesRequest Read(FieldReader fields)
    {
        if (!fields.Has("To_Account"))
        {
            fields.Fail(ApiError.ProfileAccountMissing);
        }

        var accounts = fields.OptionalTexts("To_Account", ApiError.ProfileParameter);
        var tags = fields.OptionalTexts("TagList", ApiError.ProfileParameter);
        if (accounts.Count is 0 or > MostAccounts || tags.Count == 0)
        {
            fields.Fail(ApiError.ProfileParameter.In(tags.Count == 0 ? "TagList" : "To_Account"));
        }

        return new GetProfilesRequest(accounts, tags);
    }
}

public sealed record GetProfilesResponse : DisplayEnvelope
{
    public required IReadOnlyList<UserProfileItem> UserProfileItem { get; init; }

    [JsonPropertyName("Fail_Account")]
    public IReadOnlyList<string>? FailAccount { get; init; }
}

public sealed record UserProfileItem(
    [property: JsonPropertyName("To_Account")] string ToAccount, IReadOnlyList<TagValue>? ProfileItem, int ResultCode, string ResultInfo);
