using System.Globalization;
using Parley.Apps;

namespace Parley.Statistics;

/// <summary>A day of an app, as the fields see it.</summary>
public sealed record DescribedDay(App App, AppStatistics Statistics, DateOnly Day, DateOnly Today)
{
    public DayFigures Figures => Statistics.Of(Day);

    /// <summary>The most connections that were seen open at once; today at least those that are open now.</summary>
    public long MaxOnline => Day == Today ? Math.Max(Figures.MaxOnline, Statistics.OnlineAt(Today)) : Figures.MaxOnline;
}

/// <summary>A field of <see cref="GetAppInfo"/>.</summary>
/// <remarks>Source: API reference, openim §14.</remarks>
public sealed record AppInfoField(string Name, Func<DescribedDay, string> Describe)
{
    public bool IsAlwaysThere { get; private init; }

    public static IReadOnlyList<AppInfoField> All { get; } =
    [
        new("AppName", day => day.App.Name),
        new("AppId", day => day.App.SdkAppId.ToString(CultureInfo.InvariantCulture)),
        new("Company", day => day.App.Company),
        Number("ActiveUserNum", day => day.Figures.Different(Distinct.ActiveAccounts, Distinct.C2CSenders, Distinct.GroupSenders)),
        Sum("RegistUserNumOneDay", Figure.AccountsImported),
        Number("RegistUserNumTotal", day => day.Statistics.AccountsAt(day.Day)),
        Sum("LoginTimes", Figure.Logins),
        Number("LoginUserNum", day => day.Figures.Different(Distinct.LoginAccounts)),
        Sum("UpMsgNum", Figure.C2CUp, Figure.GroupUp),
        Sum("DownMsgNum", Figure.C2CDown, Figure.GroupDown),
        Number("SendMsgUserNum", day => day.Figures.Different(Distinct.C2CSenders, Distinct.GroupSenders)),
        Sum("APNSMsgNum", Figure.C2CPushes, Figure.GroupPushes),
        Sum("C2CUpMsgNum", Figure.C2CUp),
        Sum("C2CDownMsgNum", Figure.C2CDown),
        Number("C2CSendMsgUserNum", day => day.Figures.Different(Distinct.C2CSenders)),
        Sum("C2CAPNSMsgNum", Figure.C2CPushes),
        Number("MaxOnlineNum", day => day.MaxOnline),
        Sum("ChainIncrease", Figure.FriendPairsAdded),
        Sum("ChainDecrease", Figure.FriendPairsRemoved),
        Sum("GroupUpMsgNum", Figure.GroupUp),
        Sum("GroupDownMsgNum", Figure.GroupDown),
        Number("GroupSendMsgUserNum", day => day.Figures.Different(Distinct.GroupSenders)),
        Sum("GroupAPNSMsgNum", Figure.GroupPushes),
        Number("GroupSendMsgGroupNum", day => day.Figures.Different(Distinct.ActiveGroups)),
        Sum("GroupJoinGroupTimes", Figure.GroupJoins),
        Sum("GroupQuitGroupTimes", Figure.GroupQuits),
        Sum("GroupNewGroupNum", Figure.GroupsCreated),
        Number("GroupAllGroupNum", day => day.Statistics.GroupsAt(day.Day)),
        Sum("GroupDestroyGroupNum", Figure.GroupsDismissed),
        Sum("CallBackReq", Figure.CallbacksSent),
        Sum("CallBackRsp", Figure.CallbacksAnswered),
        new("Date", day => StatisticsDay.ToText(day.Day)) { IsAlwaysThere = true },
    ];

    private static AppInfoField Number(string name, Func<DescribedDay, long> find) =>
        new(name, day => find(day).ToString(CultureInfo.InvariantCulture));

    private static AppInfoField Sum(string name, params Figure[] figures) => Number(name, day => figures.Sum(figure => day.Figures[figure]));
}
