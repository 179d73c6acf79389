using System.Text.Json;
using CsCheck;
using Parley.Apps;
using Parley.Groups;
using Parley.Groups.Members;
using Parley.Groups.Membership;
using Parley.Groups.Messages;
using Parley.Groups.Profiles;
using Parley.Rest;
using Parley.Tests.Support;

namespace Parley.Tests.Groups;

/// <summary>
/// Administrators and members at once, on two instances: adding, kicking, muting, transferring and sending. The group's own log says in which order things
/// happened, so it is what the model is checked against.
/// </summary>
public sealed class GroupModelTests(AzuriteFixture azurite)
{
    private const int Accounts = 5;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private enum Deed
    {
        Send,
        Repeat,
        Add,
        Kick,
        Mute,
        Unmute,
        Transfer,
        Promote,
    }

    [Fact]
    public async Task Nobody_speaks_in_the_log_after_being_kicked_or_muted_and_there_is_one_owner()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var first = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        await using var second = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var step = Gen.Select(Gen.Enum<Deed>(), Gen.Int[0, Accounts - 1], Gen.Bool);

        await step.Array[12, 40].SampleAsync(steps => RunAsync(first, second, steps), iter: 12, threads: 1);
    }

    private static async Task<bool> RunAsync(AppInstance first, AppInstance second, (Deed Deed, int Account, bool IsSecond)[] steps)
    {
        var owner = GroupLab.NewName("owner");
        await first.ImportAsync(owner);
        var others = await first.ImportAsync(Accounts, "other");
        var key = await first.CreateAsync(GroupType.Public, owner, others[..2]);
        var accepted = 0;

        // Eight at a time: they meet in the group's partition, on both instances.
        await Parallel.ForEachAsync(steps.Index(), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Stop }, async (item, _) =>
        {
            var (index, (deed, account, isSecond)) = item;
            var app = isSecond ? second : first;
            if (deed is Deed.Send or Deed.Repeat)
            {
                var sends = Enumerable.Range(0, deed == Deed.Repeat ? 2 : 1).Select(n => (n == 0 ? app : first).SendAsync(key, others[account], (uint)index + 1));
                var answers = await Task.WhenAll(sends);
                Assert.All(answers, answer => Assert.True(answer.Error is null || answer.Error.Code is 10007 or 10017, answer.Error?.ToString()));
                if (answers.Any(answer => answer.Error is null))
                {
                    Interlocked.Increment(ref accepted);
                }
            }
            else
            {
                await DoAsync(app, key, deed, others[account]);
            }
        });

        await first.AssertSettledAsync(key, [owner, .. others]);
        AssertLog(await first.LogAsync(key), [owner, .. others[..2]], accepted);
        return true;
    }

    // Who is no member, or the owner, is refused; that is as it should be.
    private static async Task DoAsync(AppInstance app, GroupKey key, Deed deed, string account)
    {
        var error = deed switch
        {
            Deed.Add => await RunAsync<AddGroupMembers, AddGroupMembersRequest, AddGroupMembersResponse>(
                app, new { key.GroupId, MemberList = new[] { new { Member_Account = account } } }),
            Deed.Kick => await RunAsync<DeleteGroupMembers, DeleteGroupMembersRequest, Envelope>(app, new { key.GroupId, MemberToDel_Account = new[] { account } }),
            Deed.Mute or Deed.Unmute => await RunAsync<MuteGroupMembers, MuteGroupMembersRequest, Envelope>(
                app, new { key.GroupId, Members_Account = new[] { account }, ShutUpTime = deed == Deed.Mute ? 3600 : 0 }),
            Deed.Transfer => await RunAsync<ChangeGroupOwner, ChangeGroupOwnerRequest, Envelope>(app, new { key.GroupId, NewOwner_Account = account }),
            _ => await RunAsync<ModifyGroupMember, ModifyGroupMemberRequest, Envelope>(app, new { key.GroupId, Member_Account = account, Role = "Admin" }),
        };
        Assert.True(error is null || error.Code is 10004 or 10007, error?.ToString());
    }

    private static async Task<ApiError?> RunAsync<TCommand, TRequest, TResponse>(AppInstance app, object body)
        where TCommand : class, ICommand<TRequest, TResponse>
        where TRequest : IRequest<TRequest>
        where TResponse : Envelope
    {
        var request = TRequest.Read(new FieldReader(JsonSerializer.SerializeToElement(body)));
        return (await app.Get<TCommand>().HandleAsync(new Caller(app.App, "administrator"), request, Stop)).Error;
    }

    private static void AssertLog(IReadOnlyList<GroupMessage> log, IEnumerable<string> members, int accepted)
    {
        var (inside, muted) = (members.ToHashSet(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var entry in log)
        {
            if (!entry.IsTip)
            {
                Assert.True(inside.Contains(entry.From), $"{entry.From} spoke as number {entry.Seq} without being a member");
                Assert.False(muted.Contains(entry.From), $"{entry.From} spoke as number {entry.Seq} while muted");
                continue;
            }

            Apply(JsonDocument.Parse(entry.Content.MsgBody.Text).RootElement[0].GetProperty("MsgContent"), inside, muted);
        }

        var messages = log.Where(entry => !entry.IsTip).ToList();
        Assert.Equal(messages.Count, messages.DistinctBy(message => (message.From, message.Random)).Count());
        Assert.Equal(accepted, messages.Count);
    }

    private static void Apply(JsonElement tip, HashSet<string> inside, HashSet<string> muted)
    {
        var accounts = tip.GetProperty("Member_Account").EnumerateArray().Select(account => account.GetString()!).ToList();
        switch ((TipKindOfChange)tip.GetProperty("OpType").GetInt32())
        {
            case TipKindOfChange.Join:
                inside.UnionWith(accounts);
                break;
            case TipKindOfChange.Quit or TipKindOfChange.Kick:
                inside.ExceptWith(accounts);
                break;
            case TipKindOfChange.MemberChanged when tip.GetProperty("Info")[0].GetProperty("Value").GetString() == "0":
                muted.ExceptWith(accounts);
                break;
            case TipKindOfChange.MemberChanged:
                muted.UnionWith(accounts);
                break;
        }
    }
}
