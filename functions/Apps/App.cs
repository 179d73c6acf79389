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

    public required uint SdkAppId { get; init; }

    /// <summary>How often the settings have been changed, so that an instance knows which of two it has read is the newer one.</summary>
    public long Version { get; init; }

    public string Name { get; init; } = "";

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

    /// <summary>Custom fields that groups have.</summary>
    public IReadOnlyList<GroupFieldDefinition> GroupFields { get; init; } = [];

    /// <summary>Custom fields that members of groups have.</summary>
    public IReadOnlyList<GroupFieldDefinition> GroupMemberFields { get; init; } = [];

    public bool IsAdmin(string account) => Admins.Contains(account);

    /// <summary>The oldest message time, in Unix seconds, that can still be read at a given time.</summary>
    public long RoamingStart(DateTimeOffset now) => now.ToUnixTimeSeconds() - (RoamingDays * 86400L);
}
