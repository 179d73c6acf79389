using System.Globalization;
using System.Text.Json;
using Parley.Groups.Messages;
using Parley.Rest;

namespace Parley.Groups.Members;

/// <summary>What a change GroupMembers says: <c>{ "MemberList": [ { "Member_Account": "u_cleo", "Role": "Admin" } ] }</c>, of each member what is new.</summary>
public sealed record MembersChange(IReadOnlyList<MemberDescription> MemberList)
{
    // Of a tip about members; the reference has no numbers for these.
    private const int MutedUntil = 1;

    public static RawJson Of(IEnumerable<MemberDescription> members) =>
        new(JsonSerializer.Serialize(new MembersChange([.. members]), ParleyJson.Wire.MembersChange));

    public static GroupTip TipOfMute(string by, IReadOnlyList<string> accounts, long until) =>
        new(TipKindOfChange.MemberChanged, by, accounts, [new TipChange(MutedUntil, until.ToString(CultureInfo.InvariantCulture))]);
}
