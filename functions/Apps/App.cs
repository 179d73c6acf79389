namespace Parley.Apps;

/// <summary>A tenant: everything that one sdkappid selects. Kept as JSON in table <c>apps</c>, so what a stored app lacks has its default.</summary>
public sealed record App
{
    /// <summary>As in the reference service's basic edition.</summary>
    public const int DefaultRoamingDays = 7;

    /// <summary>As in the reference's first generation; its error list says 8 KB, its command pages 12 KB.</summary>
    public const int DefaultMaxMessageBytes = 9_000;

    /// <summary>The largest that any page of the reference names: 12 KB.</summary>
    public const int HighestMaxMessageBytes = 12 * 1024;

    /// <summary>As in the reference, which does not want more.</summary>
    public const int HighestCallbackTimeoutMilliseconds = 2_000;

    public required uint SdkAppId { get; init; }

    /// <summary>How often the settings have been changed, so that an instance knows which of two it has read is the newer one.</summary>
    public long Version { get; init; }

    public string Name { get; init; } = "";

    /// <summary>Whose app it is, for people.</summary>
    public string Company { get; init; } = "";

    /// <summary>The texts that UserSigs may be signed with; the first is the one in use, the others are on their way out.</summary>
    public required IReadOnlyList<string> Secrets { get; init; }

    /// <summary>The public key, as PEM, of UserSigs of version 1; empty where they are not accepted.</summary>
    public string UserSigV1PublicKey { get; init; } = "";

    /// <summary>Accounts that may call everything.</summary>
    public required IReadOnlyList<string> Admins { get; init; }

    public bool IsDisabled { get; init; }

    /// <summary>How long a stored message can be read back, in days.</summary>
    public int RoamingDays { get; init; } = DefaultRoamingDays;

    /// <summary>The largest message that is accepted, in bytes of its JSON.</summary>
    public int MaxMessageBytes { get; init; } = DefaultMaxMessageBytes;

    /// <summary>How long an account may recall a message that it sent, in seconds; administrators always may.</summary>
    public int RecallSeconds { get; init; } = 120;

    /// <summary>Who else may prove who a user is, at /client/login.</summary>
    public IReadOnlyList<LoginProvider> LoginProviders { get; init; } = [];

    /// <summary>How long the UserSigs are valid that Parley makes at a login, in seconds.</summary>
    public int UserSigSeconds { get; init; } = 7 * 86400;

    /// <summary>How many devices of one account may be connected at once.</summary>
    public LoginPolicy LoginPolicy { get; init; } = LoginPolicy.Many;

    /// <summary>Whether account_delete may be called; the reference allows it to trial apps only.</summary>
    public bool AllowsAccountDeletion { get; init; } = true;

    /// <summary>How many accounts the app may have; 0 for any number. For demonstrations: see <c>AccountQuota</c>.</summary>
    public int MaxAccounts { get; init; }

    /// <summary>How many messages a group takes a second, as in the reference.</summary>
    public int GroupMessagesPerSecond { get; init; } = 40;

    /// <summary>Groups of more members have no read receipts.</summary>
    public int MaxReceiptMembers { get; init; } = 200;

    /// <summary>How many groups an account may be in, as in the reference's first generation.</summary>
    public int MaxGroupsOfAccount { get; init; } = 1_000;

    /// <summary>How many groups may be created a day, less those that were dismissed, as in the reference.</summary>
    public int MaxNewGroupsADay { get; init; } = 10_000;

    /// <summary>How many AVChatRooms there may be; 0 for any number. The reference's limit depends on the package.</summary>
    public int MaxLiveRooms { get; init; }

    /// <summary>How many BChatRooms there may be, as in the reference.</summary>
    public int MaxBroadcastRooms { get; init; } = 5;

    /// <summary>Whether guests, who prove nothing, may connect and hear live rooms.</summary>
    public bool AllowsGuests { get; init; }

    /// <summary>How many AVChatRooms an account or a guest may be in at once.</summary>
    public int MaxLiveRoomsOfAccount { get; init; } = 10;

    /// <summary>Whether accounts that members invite must agree before they are members; where administrators add them they need not.</summary>
    public bool InvitationsNeedConsent { get; init; }

    /// <summary>Custom fields that groups have.</summary>
    public IReadOnlyList<GroupFieldDefinition> GroupFields { get; init; } = [];

    /// <summary>Custom fields that members of groups have.</summary>
    public IReadOnlyList<GroupFieldDefinition> GroupMemberFields { get; init; } = [];

    /// <summary>The fields that the app has added to profiles.</summary>
    public IReadOnlyList<CustomField> ProfileCustomFields { get; init; } = [];

    /// <summary>The fields that the app has added to what accounts keep of their friends.</summary>
    public IReadOnlyList<CustomField> FriendCustomFields { get; init; } = [];

    /// <summary>What counts for accounts whose profile has no AllowType.</summary>
    public AllowType DefaultAllowType { get; init; } = AllowType.AllowAny;

    /// <summary>How many friends an account may have.</summary>
    public int MaxFriends { get; init; } = 3_000;

    /// <summary>How many accounts one account may have on its blacklist.</summary>
    public int MaxBlacklisted { get; init; } = 1_000;

    /// <summary>How many groups of friends an account may have.</summary>
    public int MaxFriendGroups { get; init; } = 32;

    /// <summary>How many requests for friendship an account may have open, sent and received together.</summary>
    public int MaxFriendRequests { get; init; } = 100;

    /// <summary>After how many days a request for friendship that nobody answered is void.</summary>
    public int FriendRequestDays { get; init; } = 30;

    /// <summary>Whether accounts can send one-to-one messages to friends only.</summary>
    public bool RequiresFriendship { get; init; }

    /// <summary>Whether messages that administrators send in the name of accounts are checked for blacklist and friendship too.</summary>
    public bool ChecksAdminSends { get; init; }

    /// <summary>Whether files of all messages are made every hour, to be downloaded.</summary>
    public bool KeepsHistoryFiles { get; init; }

    /// <summary>Whether an export is being restored into the app: nothing but configuration may be called meanwhile.</summary>
    public bool IsRestoring { get; init; }

    /// <summary>For which restore it is closed; null while it is open.</summary>
    public RestoreHold? Restore { get; init; }

    /// <summary>The restore that came to its end in this app last; empty while none has.</summary>
    public string LastRestore { get; init; } = "";

    /// <summary>How often the app's dirty words have been changed; 0 when it has never had any.</summary>
    public long DirtyWordsVersion { get; init; }

    /// <summary>The addresses that the operator states, by what they are for: <c>nettype</c> → addresses and CIDR ranges.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Addresses { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Where callbacks go; empty where there are none.</summary>
    public string CallbackUrl { get; init; } = "";

    /// <summary>What callbacks are signed with; empty where they are not.</summary>
    public string CallbackToken { get; init; } = "";

    /// <summary>The callbacks that are switched on, by the names of their commands.</summary>
    public IReadOnlyList<string> CallbackCommands { get; init; } = [];

    /// <summary>What becomes of an action when the callback before it has failed.</summary>
    public CallbackFailurePolicy CallbackFailurePolicy { get; init; } = CallbackFailurePolicy.Allow;

    /// <summary>How long a callback before an action may take.</summary>
    public int CallbackTimeoutMilliseconds { get; init; } = HighestCallbackTimeoutMilliseconds;

    /// <summary>How often a callback after an event is tried; 0 for as often as the deployment says.</summary>
    public int CallbackAttempts { get; init; }

    public bool IsAdmin(string account) => Admins.Contains(account);

    /// <summary>The oldest message time, in Unix seconds, that can still be read at a given time.</summary>
    public long RoamingStart(DateTimeOffset now) => now.ToUnixTimeSeconds() - (RoamingDays * 86400L);
}
