using Azure.Data.Tables;
using Parley.Storage;

namespace Parley.Groups.Membership;

/// <summary>Whose consent a request waits for.</summary>
public enum JoinRequestKind
{
    /// <summary>An account wants to join, or is invited where that must be approved: owner or an admin decides. Rows <c>j|{account}</c>.</summary>
    Application,

    /// <summary>An account was invited and decides itself. Rows <c>v|{account}</c>.</summary>
    Invitation,
}

/// <summary>A request to become a member that waits for somebody's consent, or has been answered; an account has at most one of each kind in a group.</summary>
/// <param name="Inviter">Empty where the account itself asks.</param>
/// <param name="AskedAt">Unix seconds.</param>
/// <param name="Decision">Null as long as nobody has decided.</param>
/// <param name="Attempt">Names the call that decided, so that its replay is not refused.</param>
public sealed record JoinRequest(
    JoinRequestKind Kind, string Account, string Inviter, string Text, long AskedAt, bool? Decision = null, string DecidedBy = "", string Attempt = "")
{
    /// <summary>Whether its time is over: of one that waits, and of one that let an account in.</summary>
    public bool IsVoid(DateTimeOffset now) => now - DateTimeOffset.FromUnixTimeSeconds(AskedAt) > JoinRequests.Validity;

    public static JoinRequest? Find(GroupPartition group, JoinRequestKind kind, string account) =>
        group.Rows.Get(RowKeyOf(kind, account)) is { } row ? FromRow(row) : null;

    public static string PrefixOf(JoinRequestKind kind) => kind == JoinRequestKind.Application ? "j|" : "v|";

    public static string RowKeyOf(JoinRequestKind kind, string account) => PrefixOf(kind) + KeyText.Escape(account);

    public static JoinRequest FromRow(TableEntity row) => new(
        row.RowKey.StartsWith('j') ? JoinRequestKind.Application : JoinRequestKind.Invitation,
        KeyText.Unescape(row.RowKey[2..]), row.GetString("Inviter") ?? "", row.GetString("Text") ?? "", row.GetInt64("AskedAt") ?? 0,
        row.GetBoolean("Decision"), row.GetString("DecidedBy") ?? "", row.GetString("Attempt") ?? "");

    public TableEntity ToRow()
    {
        var row = new TableEntity
        {
            RowKey = RowKeyOf(Kind, Account),
            ["Inviter"] = Inviter,
            ["Text"] = Text,
            ["AskedAt"] = AskedAt,
            ["DecidedBy"] = DecidedBy,
            ["Attempt"] = Attempt,
        };
        row.SetOrOmit("Decision", Decision);
        return row;
    }
}
