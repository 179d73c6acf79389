using System.Text.Json.Serialization;
using Parley.Events;

namespace Parley.Groups.Membership;

/// <summary>What a group notice to one account tells: the reference's numbers.</summary>
/// <remarks>Source: API reference, groups §2.6.</remarks>
public enum GroupNoticeType
{
    /// <summary>To owner and admins: somebody wants to join.</summary>
    Application = 1,
    ApplicationAccepted = 2,
    ApplicationRefused = 3,
    Kicked = 4,

    /// <summary>To the members: the group is no more.</summary>
    Dismissed = 5,
    Created = 6,

    /// <summary>Added by somebody else.</summary>
    Invited = 7,

    /// <summary>To the account's other devices.</summary>
    Quit = 8,
    SetAdmin = 9,
    CancelAdmin = 10,

    /// <summary>An invitation that the account must accept.</summary>
    Invitation = 12,
    InvitationRefused = 13,
}

/// <summary>
/// An event of type <c>GroupSystem</c> of an account's timeline:
/// <code>{ "NoticeType": 1, "GroupId": "hiking-2019", "Operator_Account": "u_dan", "Member_Account": "u_dan", "Text": "let me in" }</code>
/// </summary>
/// <param name="OperatorAccount">Who did it; empty for an administrator of the app.</param>
/// <param name="MemberAccount">Whom it is about, where that is not who hears it.</param>
public sealed record GroupNotice(
    [property: JsonConverter(typeof(JsonNumberEnumConverter<GroupNoticeType>))] GroupNoticeType NoticeType,
    string GroupId,
    [property: JsonPropertyName("Operator_Account")] string OperatorAccount,
    [property: JsonPropertyName("Member_Account")] string? MemberAccount = null,
    string? Text = null)
{
    public const string EventType = "GroupSystem";

    /// <param name="occasion">Names what happened, together with type and group.</param>
    public AccountEvent ToEvent(string occasion) =>
        AccountEvent.Create($"group:{(int)NoticeType}:{GroupId}:{occasion}", EventType, this, ParleyJson.Wire.GroupNotice);
}
