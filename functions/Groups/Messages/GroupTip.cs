using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Messages;
using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>What a tip tells: the reference's numbers.</summary>
/// <remarks>Source: API reference, groups §2.6.</remarks>
public enum TipKindOfChange
{
    Join = 1,
    Quit = 2,
    Kick = 3,
    SetAdmin = 4,
    CancelAdmin = 5,
    ProfileChanged = 6,
    MemberChanged = 7,
}

/// <summary>
/// An entry that tells members of members and settings, in the body of a message:
/// <code>[ { "MsgType": "TIMGroupTipElem", "MsgContent": { "OpType": 1, "Operator_Account": "u_anna", "Member_Account": [ "u_dan" ] } } ]</code>
/// </summary>
/// <param name="Operator">Who did it; empty for an administrator of the app.</param>
/// <param name="Accounts">Whom it is about.</param>
/// <param name="Changes">What is new, where something has changed: sub-type (1 face, 2 name, 3 owner, 4 notification, 5 introduction) and value.
/// Of members: sub-type 1, until when they may not speak, Unix seconds, 0 for those who may again (our choice: the reference numbers these not).</param>
public sealed record GroupTip(TipKindOfChange Kind, string Operator, IReadOnlyList<string> Accounts, IReadOnlyList<TipChange>? Changes = null, string? Reason = null)
{
    public MessageContent ToContent() => new(
        new RawJson(JsonSerializer.Serialize(
            [new TipElement("TIMGroupTipElem", new TipContent((int)Kind, Operator, Accounts, Changes, Reason))], ParleyJson.Wire.IReadOnlyListTipElement)),
        null, null, false, false);

    /// <param name="counted"><see cref="GroupHead.Counted"/> as it is: a tip does not count as unread.</param>
    public GroupMessage ToMessage(long counted) => new() { From = "", Content = ToContent(), IsTip = true, Counted = counted };
}

public sealed record TipElement(string MsgType, TipContent MsgContent);

public sealed record TipContent(
    int OpType,
    [property: JsonPropertyName("Operator_Account")] string OperatorAccount,
    [property: JsonPropertyName("Member_Account")] IReadOnlyList<string> MemberAccount,
    IReadOnlyList<TipChange>? Info,
    string? Reason);

public sealed record TipChange(int InfoType, string Value)
{
    /// <summary>A value that is new, or nothing where it is null.</summary>
    public static IEnumerable<TipChange> Of(int infoType, string? value) => value is null ? [] : [new TipChange(infoType, value)];
}
