using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Parley.Apps;
using Parley.Groups;
using Parley.Groups.Live;
using Parley.Local.SignalRService;
using Parley.Tests.EndToEnd.Groups;
using Parley.Tests.Support;

namespace Parley.Tests.Groups;

/// <summary>What live rooms cost and store, counted from outside, and what becomes of calls whose answers are lost.</summary>
public sealed class LiveRoomStorageTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData("AVChatRoom", "eve")]
    [InlineData("BChatRoom", "administrator")]
    public async Task A_message_stores_and_reads_nothing_and_is_one_call_of_SignalR(string type, string sender)
    {
        await using var lab = await Lab.StartAsync(azurite);
        var room = await lab.CreateAsync(type, "eve", "ben", "zoe");
        foreach (var account in new[] { "eve", "ben", "zoe" })
        {
            Assert.Equal(0, await lab.CodeAsync("apply_join_group", new { GroupId = room }, account));
        }

        Assert.Equal(0, await lab.SendAsync(room, sender, 1));
        await lab.SettleAsync();
        lab.Instance.Storage.ResetCounts();
        var calls = lab.SignalR.Counters.RestCalls;

        for (uint random = 2; random < 12; random++)
        {
            Assert.Equal(0, await lab.SendAsync(room, sender, random));
            await lab.Instance.FlushAsync();
        }

        Assert.Empty(lab.Instance.Storage.Requests);
        Assert.Equal(10, lab.SignalR.Counters.RestCalls - calls);
    }

    [Fact]
    public async Task Those_who_come_at_once_share_the_room_s_transactions_and_are_listed_in_pages()
    {
        await using var lab = await Lab.StartAsync(azurite, TimeProvider.System);
        var accounts = Enumerable.Range(0, 503).Select(n => $"fan-{n}").ToList();
        var room = await lab.CreateAsync("AVChatRoom", [.. accounts]);
        lab.Instance.Storage.ResetCounts();

        // The room's transaction for the first one waits until most have come.
        var (answered, until) = (new TaskCompletionSource(), new TaskCompletionSource());
        lab.Instance.Storage.Plan = FaultPlans.Script(request => request.Kind == RequestKind.Batch, Fault.None, Fault.HoldAnswer(answered, until.Task));
        var first = JoinAsync(accounts[0]);
        await answered.Task.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        var others = accounts.Skip(1).Select(JoinAsync).ToList();
        await Eventually.HoldsAsync(() => lab.Instance.Storage.Count(RequestKind.Batch) > 350);
        until.SetResult();
        var codes = await Task.WhenAll([first, .. others]);

        Assert.All(codes, code => Assert.Equal(0, code));
        // One for each account; those of the room are shared.
        Assert.InRange(lab.Instance.Storage.Count(RequestKind.Batch), 503 + 2, 503 + 200);
        Assert.Equal(503, await lab.OnlineAsync(room));
        var page = await lab.CallAsync(LiveRoomCalls.RoomService, "get_members", new { GroupId = room, Timestamp = 0 });
        var rest = await lab.CallAsync(
            LiveRoomCalls.RoomService, "get_members", new { GroupId = room, Timestamp = page.GetProperty("NextTimestamp").GetInt64() });
        var names = LiveRoomCalls.Names(page.GetProperty("MemberList")).Concat(LiveRoomCalls.Names(rest.GetProperty("MemberList"))).ToList();
        Assert.Equal((500, 0), (page.GetProperty("MemberList").GetArrayLength(), rest.GetProperty("NextTimestamp").GetInt64()));
        Assert.Equal(accounts.Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));

        Task<int> JoinAsync(string account) => lab.CodeAsync("apply_join_group", new { GroupId = room }, account);
    }

    [Fact]
    public async Task Joining_and_quitting_whose_answers_were_lost_count_once()
    {
        await using var lab = await Lab.StartAsync(azurite, TimeProvider.System);
        var room = await lab.CreateAsync("AVChatRoom", "eve", "ben");
        Assert.Equal(0, await lab.CodeAsync("apply_join_group", new { GroupId = room }, "ben"));

        // The account's row and the room's.
        lab.Instance.Storage.Plan = FaultPlans.Script(request => request.Kind == RequestKind.Batch, Fault.DropAfter, Fault.DropAfter);
        Assert.Equal(0, await lab.CodeAsync("apply_join_group", new { GroupId = room }, "eve"));
        Assert.Equal(2, await lab.OnlineAsync(room));
        lab.Instance.Storage.Plan = FaultPlans.Script(request => request.Kind == RequestKind.Batch, Fault.DropAfter, Fault.DropAfter);
        Assert.Equal(0, await lab.CodeAsync("quit_group", new { GroupId = room }, "eve"));

        Assert.Equal(1, await lab.OnlineAsync(room));
        Assert.True(lab.Instance.Storage.FaultCount >= 4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_ban_that_meets_a_join_leaves_the_online_number_right(int others)
    {
        await using var lab = await Lab.StartAsync(azurite, TimeProvider.System);
        await using var other = await AppInstance.StartAsync(azurite, lab.SignalR.Endpoint);
        var room = await lab.CreateAsync("AVChatRoom", "eve", "ben");
        if (others > 0)
        {
            Assert.Equal(0, await lab.CodeAsync("apply_join_group", new { GroupId = room }, "ben"));
        }

        var (noted, banned) = (new TaskCompletionSource(), new TaskCompletionSource());
        lab.Instance.Storage.Plan = FaultPlans.Script(request => request.Kind == RequestKind.Batch, Fault.HoldAnswer(noted, banned.Task));

        // Noted with the account, and banned before the room knows.
        var join = lab.CodeAsync("apply_join_group", new { GroupId = room }, "eve");
        await noted.Task.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        Assert.Equal(0, await other.CodeAsync(
            lab.App, GroupCalls.Service, "ban_group_member", JsonSerializer.Serialize(new { GroupId = room, Members_Account = new[] { "eve" }, Duration = 600 })));
        banned.SetResult();

        Assert.Equal(10007, await join);
        Assert.Equal(others, await lab.OnlineAsync(room));
    }

    [Fact]
    public async Task When_a_room_has_more_messages_than_it_takes_the_important_ones_win()
    {
        await using var lab = await Lab.StartAsync(azurite);
        await lab.Instance.Get<AppDirectory>().ChangeAsync(lab.App.SdkAppId, app => app with { GroupMessagesPerSecond = 10 }, CancellationToken.None);
        var room = await lab.CreateAsync("AVChatRoom", "eve");
        uint random = 0;

        // That high ones come is known from the second before.
        foreach (var _ in Enumerable.Range(0, 7))
        {
            Assert.False(await lab.IsDroppedAsync(room, "High", ++random));
        }

        lab.Time.Advance(TimeSpan.FromSeconds(1));
        var low = new List<bool>();
        var high = new List<bool>();
        foreach (var n in Enumerable.Range(0, 21))
        {
            (n % 3 == 2 ? high : low).Add(await lab.IsDroppedAsync(room, n % 3 == 2 ? "High" : "Low", ++random));
        }

        Assert.DoesNotContain(true, high);
        Assert.Equal(3, low.Count(isDropped => !isDropped));
    }

    [Fact]
    public async Task A_mute_or_ban_by_another_instance_is_known_within_ten_seconds()
    {
        await using var lab = await Lab.StartAsync(azurite);
        await using var other = await AppInstance.StartAsync(azurite, lab.SignalR.Endpoint, lab.Time);
        var room = await lab.CreateAsync("AVChatRoom", "eve");
        Assert.Equal(0, await lab.SendAsync(room, "eve", 1));

        Assert.Equal(0, await other.CodeAsync(
            lab.App, GroupCalls.Service, "ban_group_member", JsonSerializer.Serialize(new { GroupId = room, Members_Account = new[] { "eve" }, Duration = 600 })));
        Assert.Equal(10007, await lab.CodeAsync("apply_join_group", new { GroupId = room }, "eve"));
        lab.Time.Advance(LiveRooms.Freshness);

        Assert.Equal(10017, await lab.SendAsync(room, "eve", 2));
    }

    [Fact]
    public async Task A_mute_that_comes_while_the_room_is_read_is_known_at_once_where_it_was_made()
    {
        await using var lab = await Lab.StartAsync(azurite, TimeProvider.System);
        var room = await lab.CreateAsync("AVChatRoom", "eve", "ben");
        Assert.Equal(0, await lab.CodeAsync("forbid_send_msg", new { GroupId = room, Members_Account = new[] { "ben" }, MuteTime = 600 }, "administrator"));
        var (wasRead, muted) = (new TaskCompletionSource(), new TaskCompletionSource());
        lab.Instance.Storage.Plan = FaultPlans.Script(request => request.Target.Contains("q%7C", StringComparison.OrdinalIgnoreCase), Fault.HoldAnswer(wasRead, muted.Task));

        var first = lab.SendAsync(room, "eve", 1);
        await wasRead.Task.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        Assert.Equal(0, await lab.CodeAsync("forbid_send_msg", new { GroupId = room, Members_Account = new[] { "eve" }, MuteTime = 600 }, "administrator"));
        muted.SetResult();
        await first;

        Assert.Equal(10017, await lab.SendAsync(room, "eve", 2));
    }

    [Fact]
    public async Task Bans_that_are_refused_for_their_number_leave_the_room_s_count_right()
    {
        await using var lab = await Lab.StartAsync(azurite, TimeProvider.System);
        var room = await lab.CreateAsync("AVChatRoom", [.. Enumerable.Range(0, 20).Select(n => $"n{n}")]);
        var (key, now) = (new GroupKey(lab.App.SdkAppId, room), TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        foreach (var batch in Enumerable.Range(0, LiveBan.Most).Chunk(90))
        {
            await lab.Instance.Get<GroupStore>().ApplyAsync(key, group =>
            {
                batch.ToList().ForEach(n => group.Rows.Insert(new LiveBan($"b{n}", n < 10 ? now - 1 : now + 3600, "").ToRow()));
                group.Put(group.Head! with { Bans = batch[^1] + 1 });
                return true;
            }, CancellationToken.None);
        }

        Assert.Equal(10005, await BanAsync(20));
        Assert.Equal(0, await BanAsync(10));
        Assert.Equal(10005, await BanAsync(11));

        Task<int> BanAsync(int count) => lab.CodeAsync(
            "ban_group_member", new { GroupId = room, Members_Account = Enumerable.Range(0, count).Select(n => $"n{n}"), Duration = 600 }, "administrator");
    }

    [Fact]
    public void The_row_of_a_room_keeps_the_latest_thousand_names_and_fits()
    {
        var attendance = RoomAttendance.FromRow(null);
        foreach (var n in Enumerable.Range(0, 1_200))
        {
            attendance.TryEnter($"{n:0000}{string.Concat(Enumerable.Repeat("世", 9))}", Guid.NewGuid().ToString("N"), 1_700_000_000);
            attendance = RoomAttendance.FromRow(attendance.ToRow());
        }

        foreach (var attendant in attendance.Attendants.ToList())
        {
            attendance.Mark(attendant, Enumerable.Range(2_000_000_000, 10).Select(mark => (long)mark));
        }

        var row = attendance.ToRow();
        Assert.Equal((1_200, 1_000), (attendance.Count, attendance.Attendants.Count()));
        Assert.StartsWith("0200", attendance.Attendants.First().Account, StringComparison.Ordinal);
        Assert.All(row.Select(column => column.Value).OfType<string>(), text => Assert.InRange(text.Length, 0, 32 * 1024));
        Assert.InRange(row.Select(column => column.Value).OfType<string>().Sum(text => 2 * text.Length), 0, 900 * 1024);
    }

    [Fact]
    public void The_number_is_never_below_zero_and_a_call_counts_once()
    {
        var attendance = RoomAttendance.FromRow(null);
        var (came, went) = (Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N"));

        attendance.TryLeave("eve", Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N"));
        attendance.TryEnter("eve", came, 1);
        attendance.TryEnter("eve", came, 1);
        attendance.TryEnter(null, Guid.NewGuid().ToString("N"), 1);
        attendance.TryLeave("eve", went, came);
        attendance.TryLeave("eve", went, came);

        Assert.Equal(1, attendance.Count);
        Assert.Empty(attendance.Attendants);
    }

    [Fact]
    public void Who_goes_before_its_coming_is_counted_is_not_counted()
    {
        var attendance = RoomAttendance.FromRow(null);
        var came = Guid.NewGuid().ToString("N");

        attendance.TryLeave("eve", Guid.NewGuid().ToString("N"), came);

        Assert.False(attendance.TryEnter("eve", came, 1));
        Assert.Equal(0, attendance.Count);
        Assert.Empty(attendance.Attendants);
    }

    /// <summary>An instance and its app. With a clock that stands still nothing is repeated: many calls at once, or faults, need the system's.</summary>
    private sealed class Lab(AppInstance instance, SignalRServiceEmulator signalR, FakeTimeProvider time, App app) : IAsyncDisposable
    {
        public AppInstance Instance => instance;

        public SignalRServiceEmulator SignalR => signalR;

        public FakeTimeProvider Time => time;

        public App App => app;

        public static async Task<Lab> StartAsync(AzuriteFixture azurite, TimeProvider? clock = null)
        {
            var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
            var signalR = await AppInstance.StartSignalRAsync();
            var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, clock ?? time);
            return new Lab(instance, signalR, time, await instance.AddAppAsync());
        }

        public async Task<string> CreateAsync(string type, params string[] accounts)
        {
            foreach (var some in accounts.Chunk(100))
            {
                await CallAsync("im_open_login_svc", "multiaccount_import", new { Accounts = some });
            }

            return (await CallAsync(GroupCalls.Service, "create_group", new { Type = type, Name = "Live" })).GetProperty("GroupId").GetString()!;
        }

        public Task<JsonElement> CallAsync(string service, string command, object body) => instance.CallAsync(app, service, command, JsonSerializer.Serialize(body));

        public Task<int> CodeAsync(string command, object body, string account) =>
            instance.CodeAsync(app, GroupCalls.Service, command, JsonSerializer.Serialize(body), account);

        public Task<int> SendAsync(string room, string from, uint random) =>
            instance.CodeAsync(app, GroupCalls.Service, "send_group_msg", GroupCalls.GroupText(room, null, "hello", random), from);

        public async Task<bool> IsDroppedAsync(string room, string priority, uint random)
        {
            var body = GroupCalls.GroupText(room, null, "hello", random, ("MsgPriority", priority));
            var answer = await instance.CallAsync(app, GroupCalls.Service, "send_group_msg", body, "eve");
            Assert.Equal(0, answer.GetProperty("ErrorCode").GetInt32());
            return answer.TryGetProperty("MsgDropReason", out _);
        }

        public async Task<long> OnlineAsync(string room) =>
            (await CallAsync(GroupCalls.Service, "get_online_member_num", new { GroupId = room })).GetProperty("OnlineMemberNum").GetInt64();

        /// <summary>Lets the tips of those who came go out.</summary>
        public async Task SettleAsync()
        {
            for (var step = 0; step < 3; step++)
            {
                time.Advance(TimeSpan.FromMilliseconds(300));
                await Task.Yield();
                await instance.FlushAsync();
            }
        }

        public async ValueTask DisposeAsync()
        {
            await instance.DisposeAsync();
            await signalR.DisposeAsync();
        }
    }
}
