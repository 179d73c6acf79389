using Azure.Data.Tables;
using Parley.Apps;
using Parley.Delivery;
using Parley.Groups;
using Parley.Groups.Lifecycle;
using Parley.Groups.Membership;
using Parley.Groups.Messages;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Groups;

/// <summary>Groups on instances inside the test process, and what must be true of them when all is quiet.</summary>
internal static class GroupLab
{
    private static int _names;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A name of an account or group that no other test has.</summary>
    public static string NewName(string name) => $"{name}-lab-{Interlocked.Increment(ref _names)}";

    public static async Task<string[]> ImportAsync(this AppInstance app, int count, string name)
    {
        var accounts = Enumerable.Range(0, count).Select(_ => NewName(name)).ToArray();
        await Task.WhenAll(accounts.Select(app.ImportAsync));
        return accounts;
    }

    public static GroupKey GroupKey(this AppInstance app, string id) => new(app.App.SdkAppId, id);

    public static async Task<GroupKey> CreateAsync(this AppInstance app, GroupType type, string owner, params string[] members)
    {
        var traits = GroupTraits.Of(type);
        var head = new GroupHead { Type = type, Owner = owner, CreateTime = 0, MaxMembers = traits.MaxMembers, Applying = traits.Applying, Number = 0 };
        var group = new NewGroup(NewName("group"), head, new GroupProfile { Name = "Lab" }, [.. members.Select(member => new NewMember(member))]);
        return app.GroupKey((await app.Get<GroupCreation>().CreateAsync(app.App, group, Stop)).Value);
    }

    public static Task<Result<JoinResult[]>> AddAsync(this AppInstance app, GroupKey key, params string[] accounts) =>
        app.Get<GroupJoining>().AddAsync(app.App, key, [.. accounts.Select(account => new NewMember(account))], new JoinOptions("", false), Stop);

    public static Task<Result<List<string>>> RemoveAsync(this AppInstance app, GroupKey key, params string[] accounts) =>
        app.Get<GroupLeaving>().RemoveAsync(key, accounts, new LeaveOptions(LeaveReason.Kick, "", false), Stop);

    /// <summary>Sends a text message as an account itself.</summary>
    public static Task<Result<SentGroupMessage>> SendAsync(this AppInstance app, GroupKey key, string from, uint random, App? settings = null)
    {
        var content = new MessageContent(new($$$"""[{"MsgType":"TIMTextElem","MsgContent":{"Text":"{{{random}}}"}}]"""), null, null, false, false);
        var message = new GroupMessage { From = from, Random = random, Content = content, Counts = true };
        return app.Get<GroupMessageSender>().SendAsync(
            settings ?? app.App, new OutgoingGroupMessage(key, message, new GroupActor(from, false), false, [], false), Stop);
    }

    /// <summary>The group's log, oldest first.</summary>
    public static async Task<IReadOnlyList<GroupMessage>> LogAsync(this AppInstance app, GroupKey key)
    {
        var log = new List<GroupMessage>();
        await foreach (var row in app.Get<GroupStore>().QueryAsync(key, "m|", "m}", Stop))
        {
            log.Add(GroupMessage.FromRow(row));
        }

        return log;
    }

    public static async Task<IReadOnlyList<GroupMember>> MembersAsync(this AppInstance app, GroupKey key)
    {
        var members = new List<GroupMember>();
        await foreach (var row in app.Get<GroupStore>().QueryMembersAsync(key, Stop))
        {
            members.Add(GroupMember.FromRow(row));
        }

        return members;
    }

    /// <summary>
    /// What must be true when nothing is under way: as many members as the head says, an owner who is one, numbers without gaps; and for each of
    /// some accounts, that its list of groups and what its devices hear agree with the group's members.
    /// </summary>
    public static async Task AssertSettledAsync(this AppInstance app, GroupKey key, IEnumerable<string> accounts)
    {
        var head = await app.Get<GroupStore>().ReadHeadAsync(key, Stop);
        var members = await app.MembersAsync(key);
        if (head is not null)
        {
            Assert.Equal(members.Count, head.Members);
            Assert.Equal(head.Owner.Length > 0 ? [head.Owner] : [], members.Where(member => member.Role == GroupRole.Owner).Select(member => member.Account));
            var log = await app.LogAsync(key);
            Assert.Equal(Enumerable.Range(1, log.Count).Select(n => (long)n), log.Select(entry => entry.Seq));
            Assert.Equal(head.LastSeq, log.Count);
        }

        foreach (var account in accounts)
        {
            var isMember = head is not null && members.Any(member => member.Account == account);
            var row = await app.Get<MembershipTable>().ReadAsync(app.Key(account), key.GroupId, Stop);
            Assert.True(isMember == row is not null, $"{account}: member {isMember}, listed {row}");
            Assert.True((row?.Pending ?? 0) == 0, $"{account} is still pending: {row}");
            if (head is not null)
            {
                Assert.True(isMember == await app.Get<SignalRClient>().IsInGroupAsync(app.Key(account), key.SignalRGroup(head.Epoch), Stop), $"{account}: member {isMember} but hears otherwise");
            }
        }
    }

    /// <summary>Counts what an account's row <c>g</c> says.</summary>
    public static async Task<long> ListedCountAsync(this AppInstance app, string account)
    {
        var row = await app.Get<TableStore>().Accounts.GetEntityIfExistsAsync<TableEntity>(app.Key(account).PartitionKey, "g", cancellationToken: Stop);
        return row.HasValue ? row.Value!.GetInt64("Count") ?? 0 : 0;
    }
}
