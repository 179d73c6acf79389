using System.Text;
using Parley.Apps;
using Parley.Callbacks;
using Parley.Rest;

namespace Parley.Settings;

/// <summary>Every setting that an app's administrators see and change; a new one is an entry here and a property of <see cref="App"/>.</summary>
/// <remarks>Limits are our choice, except the largest message (API reference, messages §1).</remarks>
public static class AppSettings
{
    private const int MaxRecallSeconds = 7 * 86400;
    private const int MaxUserSigSeconds = 3650 * 86400;

    public static IReadOnlyList<AppSetting> All { get; } =
    [
        AppSetting.Text("Name", IsText(0, 100), app => app.Name, (app, value) => app with { Name = value }),
        AppSetting.Text("Company", IsText(0, 100), app => app.Company, (app, value) => app with { Company = value }),
        AppSetting.Texts("Admins", 1, 20, FieldReader.IsAccount, app => app.Admins, (app, value) => app with { Admins = value }),
        AppSetting.Secrets("Secrets", "SecretCount", 1, 2, IsText(16, 256), app => app.Secrets, (app, value) => app with { Secrets = value }),
        AppSetting.Text(
            "UserSigV1PublicKey", IsKeyOrEmpty, app => app.UserSigV1PublicKey, (app, value) => app with { UserSigV1PublicKey = value }),
        AppSetting.Number("RoamingDays", 1, 3650, app => app.RoamingDays, (app, value) => app with { RoamingDays = value }),
        AppSetting.Number(
            "MaxMessageBytes", 1, App.HighestMaxMessageBytes, app => app.MaxMessageBytes, (app, value) => app with { MaxMessageBytes = value }),
        AppSetting.Number("RecallSeconds", 0, MaxRecallSeconds, app => app.RecallSeconds, (app, value) => app with { RecallSeconds = value }),
        AppSetting.Number("UserSigSeconds", 60, MaxUserSigSeconds, app => app.UserSigSeconds, (app, value) => app with { UserSigSeconds = value }),
        AppSetting.Choice("LoginPolicy", ParleyJson.Wire.LoginPolicy, app => app.LoginPolicy, (app, value) => app with { LoginPolicy = value }),
        AppSetting.Number(
            "AllowsAccountDeletion", 0, 1, app => app.AllowsAccountDeletion ? 1 : 0, (app, value) => app with { AllowsAccountDeletion = value == 1 }),
        LoginProviderSetting.Create(),
        AppSetting.Number(
            "GroupMessagesPerSecond", 1, 100_000, app => app.GroupMessagesPerSecond, (app, value) => app with { GroupMessagesPerSecond = value }),
        AppSetting.Number("MaxReceiptMembers", 1, 2_000, app => app.MaxReceiptMembers, (app, value) => app with { MaxReceiptMembers = value }),
        AppSetting.Number("MaxGroupsOfAccount", 1, 10_000, app => app.MaxGroupsOfAccount, (app, value) => app with { MaxGroupsOfAccount = value }),
        AppSetting.Number("MaxNewGroupsADay", 1, 1_000_000, app => app.MaxNewGroupsADay, (app, value) => app with { MaxNewGroupsADay = value }),
        AppSetting.Number("MaxLiveRooms", 0, 1_000_000, app => app.MaxLiveRooms, (app, value) => app with { MaxLiveRooms = value }),
        AppSetting.Number("AllowsGuests", 0, 1, app => app.AllowsGuests ? 1 : 0, (app, value) => app with { AllowsGuests = value == 1 }),
        AppSetting.Number("MaxLiveRoomsOfAccount", 1, 100, app => app.MaxLiveRoomsOfAccount, (app, value) => app with { MaxLiveRoomsOfAccount = value }),
        AppSetting.Number(
            "InvitationsNeedConsent", 0, 1, app => app.InvitationsNeedConsent ? 1 : 0, (app, value) => app with { InvitationsNeedConsent = value == 1 }),
        AppSetting.Number("MaxBroadcastRooms", 0, 100, app => app.MaxBroadcastRooms, (app, value) => app with { MaxBroadcastRooms = value }),
        GroupFieldSetting.Create("GroupFields", 20, app => app.GroupFields, (app, value) => app with { GroupFields = value }),
        GroupFieldSetting.Create("GroupMemberFields", 5, app => app.GroupMemberFields, (app, value) => app with { GroupMemberFields = value }),
        CustomFieldSetting.Create(
            "ProfileCustomFields", app => app.ProfileCustomFields, (app, value) => app with { ProfileCustomFields = value }),
        CustomFieldSetting.Create(
            "FriendCustomFields", app => app.FriendCustomFields, (app, value) => app with { FriendCustomFields = value }),
        AppSetting.Choice(
            "DefaultAllowType", ParleyJson.Wire.AllowType, app => app.DefaultAllowType, (app, value) => app with { DefaultAllowType = value }),
        AppSetting.Number("MaxFriends", 1, 10_000, app => app.MaxFriends, (app, value) => app with { MaxFriends = value }),
        AppSetting.Number("MaxBlacklisted", 1, 10_000, app => app.MaxBlacklisted, (app, value) => app with { MaxBlacklisted = value }),
        AppSetting.Number("MaxFriendGroups", 1, 100, app => app.MaxFriendGroups, (app, value) => app with { MaxFriendGroups = value }),
        AppSetting.Number("MaxFriendRequests", 1, 1_000, app => app.MaxFriendRequests, (app, value) => app with { MaxFriendRequests = value }),
        AppSetting.Number("FriendRequestDays", 1, 3650, app => app.FriendRequestDays, (app, value) => app with { FriendRequestDays = value }),
        AppSetting.Number(
            "RequiresFriendship", 0, 1, app => app.RequiresFriendship ? 1 : 0, (app, value) => app with { RequiresFriendship = value == 1 }),
        AppSetting.Number("ChecksAdminSends", 0, 1, app => app.ChecksAdminSends ? 1 : 0, (app, value) => app with { ChecksAdminSends = value == 1 }),
        AppSetting.Number("KeepsHistoryFiles", 0, 1, app => app.KeepsHistoryFiles ? 1 : 0, (app, value) => app with { KeepsHistoryFiles = value == 1 }),
        AddressesSetting.Create(),
        AppSetting.Text(
            "CallbackUrl", text => text.Length == 0 || CallbackUrl.IsValid(text), app => app.CallbackUrl, (app, value) => app with { CallbackUrl = value }),
        AppSetting.Secret("CallbackToken", "HasCallbackToken", IsTokenOrEmpty, app => app.CallbackToken, (app, value) => app with { CallbackToken = value }),
        AppSetting.Texts(
            "CallbackCommands", 0, CallbackCommands.All.Count, name => CallbackCommands.Find(name) is not null, app => app.CallbackCommands,
            (app, value) => app with { CallbackCommands = value }),
        AppSetting.Choice(
            "CallbackFailurePolicy", ParleyJson.Wire.CallbackFailurePolicy, app => app.CallbackFailurePolicy, (app, value) => app with { CallbackFailurePolicy = value }),
        AppSetting.Number(
            "CallbackTimeoutMilliseconds", 100, App.HighestCallbackTimeoutMilliseconds, app => app.CallbackTimeoutMilliseconds,
            (app, value) => app with { CallbackTimeoutMilliseconds = value }),
        AppSetting.Number("CallbackAttempts", 0, 20, app => app.CallbackAttempts, (app, value) => app with { CallbackAttempts = value }),
    ];

    public static AppSetting? Find(string name) => All.FirstOrDefault(setting => setting.Name == name);

    /// <summary>What an administrator may see of an app.</summary>
    public static AppSettingsResponse Show(App app)
    {
        var answer = new AppSettingsResponse { SdkAppId = app.SdkAppId };
        foreach (var setting in All)
        {
            answer.Settings.Add(setting.ShownName, setting.Show(app));
        }

        return answer;
    }

    private static Predicate<string> IsText(int minBytes, int maxBytes) => text =>
        Encoding.UTF8.GetByteCount(text) is var length && length >= minBytes && length <= maxBytes && !text.Any(char.IsControl);

    private static bool IsTokenOrEmpty(string token) => token.Length == 0 || IsText(16, 256)(token);

    private static bool IsKeyOrEmpty(string pem) => pem.Length == 0 || (pem.Length <= 1024 && UserSigV1Key.IsValid(pem));
}
