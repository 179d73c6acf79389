using CsCheck;
using Parley.Apps;
using Parley.Groups;
using Parley.Groups.Lifecycle;
using Parley.Groups.Membership;
using Parley.Groups.Messages;
using Parley.Messages;
using Parley.Rest;
using Parley.Tests.Support;

namespace Parley.Tests.Groups;

/// <summary>Unread counts of groups against a model that keeps every message, on two instances in turn.</summary>
public sealed class GroupUnreadProperties(AzuriteFixture azurite)
{
    private static readonly string[] Accounts = ["unread-a", "unread-b", "unread-c"];

    private static readonly MessageContent Content = new(new("""[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]"""), null, null, false, false);

    private static int _random;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private enum Kind
    {
        Send,
        SendNoUnread,
        SendTargeted,
        Recall,
        Read,
        Import,
        Delete,
        Clear,
        SetUnread,
        Rejoin,
    }

    /// <param name="Who">Which account.</param>
    /// <param name="Where">Which message, as a share of all.</param>
    /// <param name="Instance">Which of the two does it.</param>
    private sealed record Step(Kind Kind, int Who, double Where, int Instance);

    private static Gen<Step> Steps =>
        from kind in Gen.Frequency(
            (12, Gen.Const(Kind.Send)), (2, Gen.Const(Kind.SendNoUnread)), (2, Gen.Const(Kind.SendTargeted)), (4, Gen.Const(Kind.Recall)), (6, Gen.Const(Kind.Read)),
            (1, Gen.Const(Kind.Import)), (1, Gen.Const(Kind.Delete)), (1, Gen.Const(Kind.Clear)), (1, Gen.Const(Kind.SetUnread)), (1, Gen.Const(Kind.Rejoin)))
        from who in Gen.Int[0, 2]
        from share in Gen.Double[0, 1.1]
        from instance in Gen.Int[0, 1]
        select new Step(kind, who, share, instance);

    [Fact]
    public async Task Whatever_happens_each_member_has_as_many_unread_messages_as_there_are()
    {
        var time = new ShiftedTime();
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var first = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        await using var second = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        foreach (var account in Accounts)
        {
            await first.ImportAsync(account);
        }

        await Steps.Array[1, 40].SampleAsync(steps => CheckAsync([first, second], time, steps), iter: 40, threads: 1);
    }

    private static async Task CheckAsync(AppInstance[] instances, ShiftedTime time, Step[] steps)
    {
        var key = await StartAsync(instances[0]);
        var model = new Model();
        foreach (var (step, index) in steps.Select((step, index) => (step, index)))
        {
            time.Shift += TimeSpan.FromSeconds(2);
            await PlayAsync(instances[step.Instance], key, model, step);
            var groups = instances[1 - step.Instance].Get<GroupStore>();
            var head = (await groups.ReadHeadAsync(key, Cancellation))!;
            Assert.True(model.Messages.Count == head.LastSeq, $"{index}: {step}: {head.LastSeq} instead of {model.Messages.Count}");
            for (var i = 0; i < Accounts.Length; i++)
            {
                var member = (await groups.ReadMemberAsync(key, Accounts[i], Cancellation))!;
                Assert.True(model.Unread(i) == member.Unread(head), $"{step}: {Accounts[i]} has {member.Unread(head)} unread, not {model.Unread(i)}: {member} {head}");
            }
        }
    }

    private static async Task PlayAsync(AppInstance app, GroupKey key, Model model, Step step)
    {
        var (who, number) = (Accounts[step.Who], (long)Math.Ceiling(model.Messages.Count * step.Where));
        var admin = new Caller(app.App, "administrator");
        switch (step.Kind)
        {
            case Kind.Send or Kind.SendNoUnread or Kind.SendTargeted:
                IReadOnlyList<string> to = step.Kind == Kind.SendTargeted ? [Accounts[(step.Who + 1) % 3]] : [];
                var message = new GroupMessage { From = who, Random = (uint)Interlocked.Increment(ref _random), Content = Content, Counts = step.Kind == Kind.Send, To = to };
                var sent = await app.Get<GroupMessageSender>().SendAsync(app.App, new OutgoingGroupMessage(key, message, new GroupActor(who, false), false, [], false), Cancellation);
                model.Messages.Add(new ModelMessage(step.Who, step.Kind == Kind.Send));
                Assert.True(model.Messages.Count == sent.Value.Seq, $"{step}: {sent.Value} instead of {model.Messages.Count}");
                break;
            case Kind.Recall:
                await app.Get<RecallGroupMessages>().HandleAsync(admin, new RecallGroupMessagesRequest(key.GroupId, [.. new[] { Math.Max(1, number), 1 }.Distinct()], ""), Cancellation);
                model.Remove(index => index + 1 == Math.Max(1, number) || index == 0);
                break;
            case Kind.Read:
                var read = await app.Get<SetGroupRead>().HandleAsync(new Caller(app.App, who), new SetGroupReadRequest(key.GroupId, null, number), Cancellation);
                model.Read(step.Who, number);
                Assert.Equal(model.Unread(step.Who), read.Value.UnreadMsgNum);
                break;
            case Kind.Import:
                var past = app.Get<TimeProvider>().GetUtcNow().ToUnixTimeSeconds() - 1;
                var imported = await app.Get<ImportGroupMessages>().HandleAsync(
                    admin, new ImportGroupMessagesRequest(key.GroupId, [new ImportedGroupMessage(who, past, null, Content)], false), Cancellation);
                Assert.Equal(0, imported.Value.ImportMsgResult[0].Result);
                model.Messages.Add(new ModelMessage(step.Who, false));
                model.Base = model.Messages.Count;
                break;
            case Kind.Delete:
                await app.Get<DeleteGroupMessagesBySender>().HandleAsync(admin, new DeleteGroupMessagesBySenderRequest(key.GroupId, who), Cancellation);
                model.Remove(index => model.Messages[index].From == step.Who);
                break;
            case Kind.Clear:
                await app.Get<ClearGroupMessages>().HandleAsync(admin, new ClearGroupMessagesRequest(key.GroupId, number), Cancellation);
                model.Base = Math.Max(model.Base, Math.Min(number, model.Messages.Count));
                break;
            case Kind.SetUnread:
                await app.Get<GroupStore>().ApplyAsync(key, group => SetUnread(group, who, number), Cancellation);
                model.SetUnread(step.Who, number);
                break;
            default:
                await app.Get<GroupLeaving>().RemoveAsync(key, [who], new LeaveOptions(LeaveReason.Quit, who, IsSilent: true), Cancellation);
                await app.Get<GroupJoining>().AddAsync(app.App, key, [new NewMember(who)], new JoinOptions(who, IsSilent: true), Cancellation);
                model.SetUnread(step.Who, 0);
                break;
        }
    }

    private static bool SetUnread(GroupPartition group, string account, long unread)
    {
        // The head is written too: the number rests on it.
        if (group.Head is not { } head || group.FindMember(account) is not { } member)
        {
            return false;
        }

        group.Put(head);
        group.Put(member.WithUnread(head, unread));
        return true;
    }

    private static async Task<GroupKey> StartAsync(AppInstance app)
    {
        var head = new GroupHead { Type = GroupType.Public, Owner = Accounts[0], CreateTime = 0, MaxMembers = 10, Applying = JoinOption.FreeAccess, Number = 0 };
        var group = new NewGroup(null, head, new GroupProfile(), [.. Accounts.Skip(1).Select(account => new NewMember(account))]);
        return new GroupKey(app.App.SdkAppId, (await app.Get<GroupCreation>().CreateAsync(app.App, group, Cancellation)).Value);
    }

    private sealed record ModelMessage(int From, bool Counts);

    /// <summary>What a group's messages are to its members, kept in the plainest way.</summary>
    private sealed class Model
    {
        private readonly long[] _read = new long[3];
        private readonly long[] _set = new long[3];

        public List<ModelMessage> Messages { get; } = [];

        /// <summary>Nothing up to this number is unread for anybody.</summary>
        public long Base { get; set; }

        public long Unread(int who)
        {
            var counted = Messages.Where((message, index) => message.Counts && message.From != who && index + 1 > Math.Max(_read[who], Base)).Count();
            return counted + Math.Max(0, _read[who] - Math.Max(Base, _read[who] - _set[who]));
        }

        public void Remove(Func<int, bool> isGone)
        {
            for (var i = 0; i < Messages.Count; i++)
            {
                // What was cleared cannot be taken back, and counts for nobody anyway.
                Messages[i] = isGone(i) ? Messages[i] with { Counts = false } : Messages[i];
            }
        }

        public void Read(int who, long upTo)
        {
            upTo = Math.Min(upTo, Messages.Count);
            (_set[who], _read[who]) = upTo >= _read[who] ? (0, upTo) : (Math.Min(_set[who], _read[who] - upTo), _read[who]);
        }

        public void SetUnread(int who, long unread) => (_set[who], _read[who]) = (Math.Min(unread, Messages.Count), Messages.Count);
    }

    /// <summary>A clock that runs ahead.</summary>
    private sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}
