using Parley.Apps;
using Parley.Groups;
using Parley.Groups.Lifecycle;
using Parley.Groups.Membership;
using Parley.Groups.Messages;
using Parley.Messages;
using Parley.Rest;
using Parley.Tests.Support;

namespace Parley.Tests.Groups;

/// <summary>Commands whose transaction was committed although its answer was lost.</summary>
public sealed class GroupRetryTests(AzuriteFixture azurite)
{
    private static readonly MessageContent Content = new(new("""[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]"""), null, null, NeedsReadReceipt: true, SupportsExtension: true);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_recall_is_done_once_and_told()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var key = await StartAsync(app, "retry-recall");
        await SendAsync(app, key, "retry-recall-b", 1);
        await SendAsync(app, key, "retry-recall-b", 2);
        LoseNextAnswer(app);

        var recalled = await app.Get<RecallGroupMessages>().HandleAsync(Caller(app, "retry-recall-b"), new RecallGroupMessagesRequest(key.GroupId, [1], ""), Cancellation);

        Assert.Equal(1, app.Storage.FaultCount);
        Assert.Equal(0, recalled.Value.RecallRetList[0].RetCode);
        Assert.Equal((1L, 0L, 1L), await StateAsync(app, key, "retry-recall"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_import_is_done_once_also_without_Random(bool hasRandom)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var key = await StartAsync(app, $"retry-import-{hasRandom}");
        var time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() > time);
        var message = new ImportedGroupMessage($"retry-import-{hasRandom}", time, hasRandom ? 1 : null, Content);
        LoseNextAnswer(app);

        var imported = await app.Get<ImportGroupMessages>().HandleAsync(
            Caller(app, "administrator"), new ImportGroupMessagesRequest(key.GroupId, [message, message with { Random = hasRandom ? 2 : null }], false), Cancellation);

        Assert.Equal(1, app.Storage.FaultCount);
        Assert.Equal([(0, 1L), (0, 2L)], imported.Value.ImportMsgResult.Select(item => (item.Result, item.MsgSeq)));
        Assert.Equal(2, (await app.Get<GroupStore>().ReadHeadAsync(key, Cancellation))!.LastSeq);
    }

    [Fact]
    public async Task A_receipt_is_counted_once_and_a_modification_and_an_extension_are_noted_once()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var key = await StartAsync(app, "retry-other");
        await SendAsync(app, key, "retry-other-b", 1);
        var owner = Caller(app, "retry-other");

        LoseNextAnswer(app);
        Assert.Null((await app.Get<SendGroupReceipts>().HandleAsync(owner, new SendGroupReceiptsRequest(key.GroupId, null, [1]), Cancellation)).Error);
        LoseNextAnswer(app);
        Assert.Null((await app.Get<ModifyGroupMessage>().HandleAsync(Caller(app, "retry-other-b"), new ModifyGroupMessageRequest(key.GroupId, 1, null, "edited"), Cancellation)).Error);
        LoseNextAnswer(app);
        var pairs = new SetGroupExtensionsRequest(key.GroupId, 1, ExtensionOperation.Set, [new ExtensionItem("k", "v", 0)]);
        Assert.Equal(0, (await app.Get<SetGroupMessageExtensions>().HandleAsync(owner, pairs, Cancellation)).Value.ExtensionList[0].ErrorCode);

        Assert.Equal(3, app.Storage.FaultCount);
        Assert.Equal(2, (await app.Get<GroupStore>().ReadHeadAsync(key, Cancellation))!.ChangeSeq);
        var message = GroupMessage.FromRow((await app.Get<GroupStore>().ReadAsync(key, "m|000000000001", Cancellation))!);
        Assert.Equal((1, "edited"), (message.Readers, message.Content.CloudCustomData));
    }

    // An owner, and a member of its name with -b.
    private static async Task<GroupKey> StartAsync(AppInstance app, string owner)
    {
        await app.ImportAsync(owner);
        await app.ImportAsync($"{owner}-b");
        var head = new GroupHead { Type = GroupType.Public, Owner = owner, CreateTime = 0, MaxMembers = 10, Applying = JoinOption.FreeAccess, Number = 0 };
        var created = await app.Get<GroupCreation>().CreateAsync(
            app.App, new NewGroup(null, head, new GroupProfile(), [new NewMember($"{owner}-b")]), Cancellation);
        return new GroupKey(app.App.SdkAppId, created.Value);
    }

    private static Caller Caller(AppInstance app, string account) => new(app.App, account);

    private static async Task SendAsync(AppInstance app, GroupKey key, string from, uint random)
    {
        var message = new GroupMessage { From = from, Random = random, Content = Content, Counts = true };
        var sent = await app.Get<GroupMessageSender>().SendAsync(app.App, new OutgoingGroupMessage(key, message, new GroupActor(from, false), false, [], false), Cancellation);
        Assert.Null(sent.Error);
    }

    private static void LoseNextAnswer(AppInstance app) => app.Storage.Plan = FaultPlans.Script(request => request.Kind == RequestKind.Batch, Fault.DropAfter);

    /// <summary>How much the owner and the member have not read, and how long the log of changes is.</summary>
    private static async Task<(long Owner, long Member, long Changes)> StateAsync(AppInstance app, GroupKey key, string owner)
    {
        var groups = app.Get<GroupStore>();
        var head = (await groups.ReadHeadAsync(key, Cancellation))!;
        var (first, second) = ((await groups.ReadMemberAsync(key, owner, Cancellation))!, (await groups.ReadMemberAsync(key, $"{owner}-b", Cancellation))!);
        return (first.Unread(head), second.Unread(head), head.ChangeSeq);
    }
}
