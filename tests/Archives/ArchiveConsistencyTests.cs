using System.Text.Json;
using Azure.Data.Tables;
using Parley.Apps;
using Parley.Archives;
using Parley.Events;
using Parley.Groups;
using Parley.Groups.Messages;
using Parley.Groups.Topics;
using Parley.Messages;
using Parley.Relationships;
using Parley.Storage;
using Parley.Tasks;
using Parley.Tests.Support;
using Parley.Tests.Tasks;

namespace Parley.Tests.Archives;

/// <summary>An export that is made while many write: what is restored of it is consistent, and has everything that was acknowledged before it began.</summary>
[Collection(SweepCollection.Name)]
public sealed class ArchiveConsistencyTests(AzuriteFixture azurite)
{
    private const int Accounts = 5;
    private const string Group = "g1";
    private const string Community = "@TGS#_c1";
    private const string Topic = "@TGS#_c1@TOPIC#_0";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_is_restored_of_an_export_made_under_load_is_consistent_and_complete(int seed)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var here = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await using var there = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (app, acknowledged) = await FillAsync(here);
        (here.Get<AppExport>().PageRows, here.Get<AppExport>().PartBytes) = (4, 1_500);
        using var over = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(n => WriteAsync(n % 2 == 0 ? here : there, app.App, new Random((seed * 100) + n), (uint)(100_000 * (n + 1)), over.Token)).ToList();

        var id = await here.StartTaskAsync(app.App, "openconfigsvr", "export_app", new { });
        StoredTask export;
        do
        {
            export = (await here.Get<TaskRunner>().RunAsync(app.App.SdkAppId, id, Stop))!;
        }
        while (export.State == TaskState.Running);

        await over.CancelAsync();
        var written = (await Task.WhenAll(writers)).Sum();
        Assert.True(export.State == TaskState.Done, export.Error);
        Assert.True(written > 20, $"only {written} writes met the export");

        await using var calm = await AppInstance.StartAsync(azurite, signalR.Endpoint, new ShiftedTime(TimeSpan.FromSeconds(1)));
        var target = new SampleApp(calm, await calm.AddAppAsync(), firstRandom: 900_000);
        var restore = await calm.StartTaskAsync(target.App, "openconfigsvr", "restore_app", new { app.App.SdkAppId, ExportId = id, Checksum = export.Files[0].Sha256 });
        var restored = await calm.FinishOkAsync(target.App.SdkAppId, restore);

        Assert.True(restored.Counts["MendedPartitions"] > 0);
        var rows = await SampleApp.RowsAsync(calm, target.App.SdkAppId);
        AssertAccounts(rows);
        AssertGroups(rows);
        AssertTopics(rows, new GroupKey(target.App.SdkAppId, Community));
        AssertComplete(rows, target.App.SdkAppId, acknowledged);
        await AssertGoesOnAsync(calm, target, rows);
    }

    private static string Name(int n) => $"account-{n}";

    private static async Task<(SampleApp App, List<(string From, string To, string Key)> Acknowledged)> FillAsync(AppInstance instance)
    {
        var app = new SampleApp(instance, await instance.AddAppAsync());
        await app.OkAsync("im_open_login_svc", "multiaccount_import", new { Accounts = Enumerable.Range(0, Accounts).Select(Name) });
        await app.OkAsync("group_open_http_svc", "create_group", new { Type = "Public", GroupId = Group, Name = "One", Owner_Account = Name(0), MemberList = Enumerable.Range(1, Accounts - 1).Select(n => new { Member_Account = Name(n) }) });
        await app.OkAsync("group_open_http_svc", "create_group", new { Type = "Community", GroupId = Community, Name = "City", Owner_Account = Name(0), SupportTopic = 1, MemberList = Enumerable.Range(1, Accounts - 1).Select(n => new { Member_Account = Name(n) }) });
        await app.OkAsync("million_group_open_http_svc", "create_topic", new { GroupId = Community, TopicId = Topic, TopicName = "Food" });
        var acknowledged = new List<(string, string, string)>();
        for (var n = 0; n < 40; n++)
        {
            var (from, to) = (Name(n % Accounts), Name((n + 1 + (n / Accounts % 2)) % Accounts));
            acknowledged.Add((from, to, await app.SayAsync(from, to, $"before {n}")));
            await app.SayInGroupAsync(Group, from, $"before {n}");
            await app.SayInGroupAsync(Community, from, $"in the topic {n}", topic: Topic);
        }

        return (app, acknowledged);
    }

    // Everything that changes several rows, or several partitions. Refusals are answers too.
    private static async Task<int> WriteAsync(AppInstance instance, App settings, Random dice, uint random, CancellationToken over)
    {
        var (app, count, own) = (new SampleApp(instance, settings, random), 0, new List<(string From, string To, string Key)>());
        while (!over.IsCancellationRequested)
        {
            var (from, to) = (Name(dice.Next(Accounts)), Name(dice.Next(Accounts)));
            switch (dice.Next(12))
            {
                case 0 or 1 when from != to:
                    own.Add((from, to, await app.SayAsync(from, to, $"meanwhile {count}")));
                    break;
                case 2 when own.Count > 0:
                    var message = own[dice.Next(own.Count)];
                    await CallAsync("openim", "admin_msgwithdraw", new { From_Account = message.From, To_Account = message.To, MsgKey = message.Key });
                    break;
                case 3 when from != to:
                    await CallAsync("openim", "admin_set_msg_read", new { Report_Account = from, Peer_Account = to });
                    break;
                case 4:
                    await CallAsync("group_open_http_svc", "send_group_msg", new { GroupId = Group, From_Account = from, Random = ++random, MsgBody = new[] { new { MsgType = "TIMTextElem", MsgContent = new { Text = "meanwhile" } } } });
                    break;
                case 5:
                    await CallAsync("group_open_http_svc", "group_msg_read", new { GroupId = Group, MsgSeq = dice.Next(1, 60) }, from);
                    break;
                case 6 when from != to:
                    await CallAsync("sns", dice.Next(2) == 0 ? "friend_add" : "friend_delete", new
                    {
                        From_Account = from,
                        To_Account = new[] { to },
                        AddType = "Add_Type_Both",
                        DeleteType = "Delete_Type_Both",
                        AddFriendItem = new[] { new { To_Account = to, AddSource = "AddSource_Type_Web" } },
                    });
                    break;
                case 7:
                    var newcomer = $"new-{random}-{count}";
                    await CallAsync("im_open_login_svc", "account_import", new { UserID = newcomer });
                    await CallAsync("group_open_http_svc", "add_group_member", new { GroupId = Group, MemberList = new[] { new { Member_Account = newcomer } } });
                    break;
                case 8:
                    await CallAsync("group_open_http_svc", "send_group_msg", new { GroupId = Community, TopicId = Topic, From_Account = from, Random = ++random, MsgBody = new[] { new { MsgType = "TIMTextElem", MsgContent = new { Text = "meanwhile" } } } });
                    break;
                case 9:
                    await CallAsync("group_open_http_svc", "group_msg_read", new { GroupId = Community, TopicId = Topic, MsgSeq = dice.Next(1, 60) }, from);
                    break;
                case 10:
                    var other = $"{Community}@TOPIC#_{dice.Next(1, 5)}";
                    await CallAsync("million_group_open_http_svc", dice.Next(2) == 0 ? "create_topic" : "destroy_topic", new { GroupId = Community, TopicId = other, TopicIdList = new[] { other }, TopicName = "Meanwhile" });
                    break;
                default:
                    await CallAsync("recentcontact", "set_top", new { From_Account = from, ContactItem = new { Type = 1, To_Account = to }, TopFlag = dice.Next(2) });
                    break;
            }

            count++;
        }

        return count;

        Task<JsonElement> CallAsync(string service, string command, object body, string identifier = "administrator") =>
            instance.CallAsync(settings, service, command, JsonSerializer.Serialize(body), identifier);
    }

    private static void AssertAccounts(List<(string Table, TableEntity Row)> all)
    {
        foreach (var partition in all.Where(row => row.Table == TableNames.Accounts && AccountKey.FromPartitionKey(row.Row.PartitionKey) is not null).GroupBy(row => row.Row.PartitionKey, row => row.Row))
        {
            var rows = partition.ToDictionary(row => row.RowKey);
            Assert.True(rows.ContainsKey("a"), $"{partition.Key} has rows and no account");
            foreach (var head in rows.Values.Where(row => row.RowKey.StartsWith("c|", StringComparison.Ordinal)))
            {
                AssertTimeline(rows, head, $"m|{head.RowKey[2..]}|", $"k|{head.RowKey[2..]}|");
                var read = head.GetInt64("ReadSeq") ?? 0;
                Assert.Equal(EntriesOf(rows, $"m|{head.RowKey[2..]}|").Count(row => row.GetBoolean(StoredMessage.UnreadColumn) == true && row.GetInt64("Seq") > read), head.GetInt64("Unread") ?? 0);
            }

            Assert.All(rows.Keys.Where(key => key.StartsWith("m|", StringComparison.Ordinal)), key => Assert.Contains($"c|{key.Split('|')[1]}", rows.Keys));
            if (rows.TryGetValue("e", out var events))
            {
                Assert.Equal(EventHead.FromRow(events).Kept.Select(kept => kept.Seq), EntriesOf(rows, "e|").Select(row => row.GetInt64("Seq") ?? 0));
            }

            Assert.Equal(rows.Keys.Count(key => key.StartsWith("g|", StringComparison.Ordinal)), rows.GetValueOrDefault("g")?.GetInt64("Count") ?? 0);
            AssertRelations(all, partition.Key, rows);
        }
    }

    private static void AssertRelations(List<(string Table, TableEntity Row)> all, string partition, Dictionary<string, TableEntity> rows)
    {
        var account = AccountKey.FromPartitionKey(partition)!.Value;
        var relations = rows.Values.Where(row => row.RowKey.StartsWith("f|", StringComparison.Ordinal)).ToList();
        Assert.Equal(relations.Count(row => row.GetBoolean("IsFriend") == true), rows.GetValueOrDefault("f")?.GetInt64("Friends") ?? 0);
        foreach (var row in relations)
        {
            var peer = account with { Account = KeyText.Unescape(row.RowKey[2..]) };
            var other = all.Select(one => one.Row).FirstOrDefault(one => one.PartitionKey == peer.PartitionKey && one.RowKey == $"f|{KeyText.Escape(account.Account)}");
            var (own, theirs) = (Relation.FromRow(row), Relation.FromRow(other).Mirrored());
            Assert.Equal((own.Version, own.Friend is null, own.FriendOf is null), (theirs.Version, theirs.Friend is null, theirs.FriendOf is null));
        }
    }

    private static void AssertGroups(List<(string Table, TableEntity Row)> all)
    {
        var rows = all.Where(row => row.Table == TableNames.Groups && row.Row.PartitionKey.EndsWith($"|{Group}", StringComparison.Ordinal)).ToDictionary(row => row.Row.RowKey, row => row.Row);
        AssertTimeline(rows, rows["h"], "m|", "k|");
        var head = GroupHead.FromRow(rows["h"]);
        Assert.Equal(Dense(head.FirstChangeSeq, head.ChangeSeq), EntriesOf(rows, "e|").Select(row => row.GetInt64("Seq") ?? 0));
        var members = EntriesOf(rows, "u|").Select(GroupMember.FromRow).ToList();
        Assert.Equal(members.Count, head.Members);
        var messages = EntriesOf(rows, "m|").Select(GroupMessage.FromRow).ToList();
        foreach (var member in members)
        {
            var account = all.Select(one => one.Row).Where(row => AccountKey.FromPartitionKey(row.PartitionKey) is { } key && key.Account == member.Account).ToList();
            Assert.Contains(account, row => row.RowKey == "a");
            Assert.Contains(account, row => row.RowKey == $"g|{Group}");
            var unread = messages.Count(message => message is { Counts: true, IsRecalled: false, IsDeleted: false } && message.From != member.Account && message.Seq > member.ReadSeq);
            Assert.Equal((member.Account, unread), (member.Account, member.Unread(head)));
        }
    }

    // The list and the topics that there are agree, and each is a timeline of its own.
    private static void AssertTopics(List<(string Table, TableEntity Row)> all, GroupKey community)
    {
        var rows = all.Where(row => row.Table == TableNames.Groups && row.Row.PartitionKey == community.PartitionKey).Select(row => row.Row).ToList();
        var topics = rows.Select(row => (Row: row, Place: GroupKey.OfRow(row.PartitionKey, row.RowKey)!.Value)).Where(row => row.Place.Key.TopicId is not null)
            .GroupBy(row => row.Place.Key, row => (row.Row, row.Place.RowKey)).ToList();
        var ended = topics.Where(topic => topic.Any(row => row.RowKey == "x")).Select(topic => topic.Key);
        Assert.Equal(
            topics.Select(topic => topic.Key).Except(ended).Select(TopicList.NameOf).Order(StringComparer.Ordinal),
            rows.Single(row => row.RowKey == TopicList.RowKey).GetString("Topics").Split('\n').Order(StringComparer.Ordinal));
        foreach (var topic in topics.Where(topic => !ended.Contains(topic.Key)))
        {
            var own = topic.ToDictionary(row => row.RowKey, row => row.Row);
            var head = GroupHead.FromRow(own["h"]);
            var found = topic.Where(row => row.RowKey.StartsWith("m|", StringComparison.Ordinal)).OrderBy(row => row.RowKey, StringComparer.Ordinal).ToList();
            Assert.Equal(Dense(head.FirstSeq, head.LastSeq), found.Select(row => row.Row.GetInt64("Seq") ?? 0));
            Assert.All(found, row => Assert.Contains($"k|{row.Row.GetString("Identity")}", own.Keys));
            Assert.All(topic.Where(row => row.RowKey.StartsWith("u|", StringComparison.Ordinal)), row => Assert.InRange(row.Row.GetInt64("ReadSeq") ?? 0, 0, head.LastSeq));
        }
    }

    private static void AssertComplete(List<(string Table, TableEntity Row)> all, uint app, List<(string From, string To, string Key)> acknowledged)
    {
        var stored = all.Where(row => row.Table == TableNames.Accounts && row.Row.RowKey.StartsWith("m|", StringComparison.Ordinal) && row.Row.ContainsKey("MsgBody"))
            .Select(row => (row.Row.PartitionKey, row.Row.RowKey.Split('|')[1], StoredMessage.FromRow(row.Row).Key.ToString())).ToHashSet();
        foreach (var (from, to, key) in acknowledged)
        {
            Assert.Contains((new AccountKey(app, to).PartitionKey, from, key), stored);
            Assert.Contains((new AccountKey(app, from).PartitionKey, to, key), stored);
        }

        var texts = all.Where(row => row.Table == TableNames.Groups && row.Row.RowKey.StartsWith("m|", StringComparison.Ordinal)).Select(row => row.Row.GetString("MsgBody") ?? "").ToList();
        Assert.All(Enumerable.Range(0, acknowledged.Count), n => Assert.Contains(texts, text => text.Contains($"\"before {n}\"", StringComparison.Ordinal)));
    }

    // Numbers go on behind those that there are, and pending memberships turn out to be some.
    private static async Task AssertGoesOnAsync(AppInstance instance, SampleApp app, List<(string Table, TableEntity Row)> rows)
    {
        foreach (var head in rows.Where(row => row.Table == TableNames.Accounts && row.Row.RowKey.StartsWith("c|", StringComparison.Ordinal)).Select(row => row.Row).ToList())
        {
            var (owner, peer) = (AccountKey.FromPartitionKey(head.PartitionKey)!.Value.Account, KeyText.Unescape(head.RowKey[2..]));
            if (owner != peer && rows.Any(row => row.Row.RowKey == "a" && row.Row.PartitionKey == new AccountKey(app.App.SdkAppId, peer).PartitionKey))
            {
                await app.SayAsync(peer, owner, "after the restore");
            }
        }

        var last = GroupHead.FromRow(rows.Single(row => row.Row.RowKey == "h" && row.Row.PartitionKey.EndsWith($"|{Group}", StringComparison.Ordinal)).Row).LastSeq;
        Assert.Equal(last + 1, await app.SayInGroupAsync(Group, Name(0), "after the restore"));
        var community = new GroupKey(app.App.SdkAppId, Community);
        var inTopic = GroupHead.FromRow(rows.Single(row => row.Row.RowKey == "t|0|h" && row.Row.PartitionKey == community.PartitionKey).Row).LastSeq;
        Assert.Equal(inTopic + 1, await app.SayInGroupAsync(Community, Name(0), "after the restore", topic: Topic));
        foreach (var account in rows.Where(row => row.Row.RowKey == "a").Select(row => AccountKey.FromPartitionKey(row.Row.PartitionKey)!.Value.Account))
        {
            await app.OkAsync("group_open_http_svc", "get_joined_group_list", new { Member_Account = account });
        }

        var after = await SampleApp.RowsAsync(instance, app.App.SdkAppId);
        AssertAccounts(after);
        AssertGroups(after);
        AssertTopics(after, community);
        var members = after.Where(row => row.Table == TableNames.Groups && row.Row.PartitionKey.EndsWith($"|{Group}", StringComparison.Ordinal) && row.Row.RowKey.StartsWith("u|", StringComparison.Ordinal)).Select(row => KeyText.Unescape(row.Row.RowKey[2..])).Order();
        var listed = after.Where(row => row.Table == TableNames.Accounts && row.Row.RowKey == $"g|{Group}").Select(row => AccountKey.FromPartitionKey(row.Row.PartitionKey)!.Value.Account).Order();
        Assert.Equal(members, listed);
    }

    private static void AssertTimeline(Dictionary<string, TableEntity> rows, TableEntity head, string entries, string identities)
    {
        var (found, last) = (EntriesOf(rows, entries), head.GetInt64("LastSeq") ?? 0);
        Assert.Equal(Dense(head.GetInt64("FirstSeq") ?? 1, last), found.Select(row => row.GetInt64("Seq") ?? 0));
        foreach (var entry in found.Where(row => row.ContainsKey("Identity")))
        {
            Assert.NotNull(Timeline.FindSequence(rows[identities + entry.GetString("Identity")], entry.GetInt64("SentTime") ?? 0));
        }

        Assert.All(rows.Values.Where(row => row.RowKey.StartsWith(identities, StringComparison.Ordinal)), row => Assert.InRange(row.GetInt64("Seq") ?? 0, 1, last));
    }

    private static List<TableEntity> EntriesOf(Dictionary<string, TableEntity> rows, string prefix) =>
        [.. rows.Values.Where(row => row.RowKey.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(row => row.RowKey, StringComparer.Ordinal)];

    private static IEnumerable<long> Dense(long first, long last)
    {
        for (var number = first; number <= last; number++)
        {
            yield return number;
        }
    }
}
