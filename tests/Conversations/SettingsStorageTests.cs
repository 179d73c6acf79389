using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;
using Parley.Conversations;
using Parley.Rest;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Conversations;

/// <summary>What settings of conversations leave in storage: with lost answers, interrupted work, deleted accounts.</summary>
public sealed class SettingsStorageTests(AzuriteFixture azurite)
{
    private static readonly ContactOwner Self = new((string?)null);

    private static int _accounts;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_commit_whose_answer_is_lost_counts_once_and_is_told(bool isStored)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (jonas, mia) = await ImportTwoAsync(app);
        var caller = new Caller(app.App, jonas);
        var item = ContactItem.WithAccount(mia);
        Func<Task<ApiError?>>[] calls =
        [
            async () => (await app.Get<PinConversation>().HandleAsync(caller, new PinConversationRequest(Self, item, true), CancellationToken.None)).Error,
            async () => (await app.Get<MarkContacts>().HandleAsync(caller, new MarkContactsRequest(Self, [new ContactMark(3, item, 5, 0, "vip")]), CancellationToken.None)).Error,
            async () => (await app.Get<CreateContactGroup>().HandleAsync(caller, new CreateContactGroupRequest(Self, "work", []), CancellationToken.None)).Error,
            async () => (await app.Get<UpdateContactGroup>().HandleAsync(
                caller, new UpdateContactGroupRequest(Self, "work", null, [new GroupMember(item, false)]), CancellationToken.None)).Error,
            async () => (await app.Get<UpdateContactGroup>().HandleAsync(caller, new UpdateContactGroupRequest(Self, "work", "office", []), CancellationToken.None)).Error,
            async () => (await app.Get<DeleteContactGroup>().HandleAsync(caller, new DeleteContactGroupRequest(Self, "office"), CancellationToken.None)).Error,
            async () => (await app.Get<PinConversation>().HandleAsync(caller, new PinConversationRequest(Self, item, false), CancellationToken.None)).Error,
        ];

        for (var n = 0; n < calls.Length; n++)
        {
            var told = signalR.Counters.RestCalls;
            app.Storage.Plan = FaultPlans.Script(request => request.Kind == RequestKind.Batch, isStored ? Fault.DropAfter : Fault.DropBefore);
            Assert.Null(await calls[n]());
            await app.FlushAsync();

            Assert.Equal(n + 1, (await ReadAsync(app, jonas)).Head.Version);
            Assert.Equal(1, signalR.Counters.RestCalls - told);
        }

        Assert.Equal(calls.Length, app.Storage.FaultCount);
        var (head, all) = await ReadAsync(app, jonas);
        var settings = Assert.Single(all);
        Assert.Equal((0L, 1L, 0L, false, 5UL, "vip", ""), (head.Pinned, head.Kept, head.Uncleaned, settings.IsPinned, settings.StandardMark, settings.CustomMark, settings.Groups));
        Assert.Empty(head.Groups);
    }

    [Fact]
    public async Task A_deleted_group_whose_conversations_were_not_cleaned_up_is_invisible_and_makes_room_when_it_is_needed()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (jonas, mia) = await ImportTwoAsync(app);
        var (_, ada) = await ImportTwoAsync(app);
        var caller = new Caller(app.App, jonas);
        await app.Get<CreateContactGroup>().HandleAsync(caller, new CreateContactGroupRequest(Self, "work", [ContactItem.WithAccount(mia)]), CancellationToken.None);

        // What is left when the process ends after the first transaction of the deletion; and as many others as there may be.
        await app.Get<SettingsWriter>().ApplyAsync<StoredGroup>(app.Key(jonas), change => change.PutGroup("work", 1, isDeleted: true));
        await app.Get<TableStore>().Accounts.Shards[0].UpdateEntityAsync(
            new TableEntity(app.Key(jonas).PartitionKey, ConversationSettings.HeadRow) { ["Kept"] = 1000L }, Azure.ETag.All, TableUpdateMode.Merge, CancellationToken.None);

        var marked = await app.Get<GetContacts>().HandleAsync(caller, new GetContactsRequest(Self, 0), CancellationToken.None);
        Assert.Empty(marked.Value.ContactItem);
        var found = await app.Get<SearchContacts>().HandleAsync(caller, new SearchContactsRequest(Self, [ContactItem.WithAccount(mia)]), CancellationToken.None);
        Assert.Empty(found.Value.ContactResultItem);
        Assert.All((await app.Get<GetSettings>().HandleAsync(caller, new GetSettingsRequest(Self, 0), CancellationToken.None)).Value.ContactItem, item => Assert.Empty(item.ContactGroupId));

        Assert.Equal(0, await MarkAsync(app, caller, ada));
        Assert.Equal(51008, await MarkAsync(app, caller, mia));
        var (head, all) = await ReadAsync(app, jonas);
        Assert.Equal((1000L, 0L), (head.Kept, head.Uncleaned));
        Assert.Equal("", all.Single(one => one.Key == ContactItem.WithAccount(mia).Key).Groups);
    }

    [Fact]
    public async Task Nothing_is_begun_for_an_account_that_is_gone()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (jonas, mia) = await ImportTwoAsync(app);
        await app.Get<TableStore>().Accounts.Shards[0].DeleteEntityAsync(app.Key(jonas).PartitionKey, "a", cancellationToken: CancellationToken.None);

        var answer = await app.Get<PinConversation>().HandleAsync(
            new Caller(app.App, jonas), new PinConversationRequest(Self, ContactItem.WithAccount(mia), true), CancellationToken.None);

        Assert.Equal(50001, answer.Error?.Code);
        Assert.Empty(await RowsAsync(app, jonas, ""));
    }

    [Fact]
    public async Task Deleting_a_conversation_with_its_history_frees_the_owners_rows()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint);
        var (jonas, mia) = await ImportTwoAsync(app);
        for (uint n = 1; n <= 60; n++)
        {
            await app.SendAsync(mia, jonas, n);
        }

        var answer = await app.Get<DeleteConversation>().HandleAsync(
            new Caller(app.App, jonas), new DeleteConversationRequest(Self, ContactItem.WithAccount(mia), ClearsHistory: true), CancellationToken.None);

        // What stays of the log is the entry that says so.
        Assert.Null(answer.Error);
        await Eventually.HoldsAsync(async () => (await RowsAsync(app, jonas, "m|")).Count == 1 && (await RowsAsync(app, jonas, "k|")).Count == 0, "the rows are gone");
        Assert.Equal(60, (await RowsAsync(app, mia, "m|")).Count);
        Assert.Equal(60, (await RowsAsync(app, mia, "k|")).Count);
    }

    [Fact]
    public async Task A_conversation_whose_messages_are_older_than_the_app_keeps_them_is_an_empty_one()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var app = await AppInstance.StartAsync(azurite, signalR.Endpoint, time);
        var (jonas, mia) = await ImportTwoAsync(app);
        await app.SendAsync(mia, jonas, 1);
        Assert.Equal([mia], await ListAsync(app, jonas, includesEmpty: false));

        time.Advance(TimeSpan.FromDays(8));

        Assert.Empty(await ListAsync(app, jonas, includesEmpty: false));
        Assert.Equal([mia], await ListAsync(app, jonas, includesEmpty: true));
    }

    private static async Task<int> MarkAsync(AppInstance app, Caller caller, string peer) =>
        (await app.Get<MarkContacts>().HandleAsync(
            caller, new MarkContactsRequest(Self, [new ContactMark(1, ContactItem.WithAccount(peer), 1, 0, null)]), CancellationToken.None)).Value.ResultItem[0].ResultCode;

    private static async Task<IEnumerable<string?>> ListAsync(AppInstance app, string owner, bool includesEmpty) =>
        (await app.Get<GetConversations>().HandleAsync(
            new Caller(app.App, owner), new GetConversationsRequest(Self, new ListCursor(0, 0, 0, 0), true, includesEmpty), CancellationToken.None))
        .Value.SessionItem.Select(item => item.ToAccount);

    private static Task<(SettingsHead Head, IReadOnlyList<ConversationSettings> All)> ReadAsync(AppInstance app, string owner) =>
        app.Get<SettingsReader>().ReadAsync(app.Key(owner), CancellationToken.None);

    private static async Task<List<TableEntity>> RowsAsync(AppInstance app, string account, string prefix)
    {
        var rows = new List<TableEntity>();
        var partition = app.Key(account).PartitionKey;
        await foreach (var row in app.Get<TableStore>().Accounts.QueryAsync<TableEntity>(partition, TableClient.CreateQueryFilter($"PartitionKey eq {partition}")))
        {
            if (row.RowKey.StartsWith(prefix, StringComparison.Ordinal))
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    private static async Task<(string Jonas, string Mia)> ImportTwoAsync(AppInstance app)
    {
        var n = Interlocked.Increment(ref _accounts);
        await app.ImportAsync($"settings-jonas-{n}");
        await app.ImportAsync($"settings-mia-{n}");
        return ($"settings-jonas-{n}", $"settings-mia-{n}");
    }
}
