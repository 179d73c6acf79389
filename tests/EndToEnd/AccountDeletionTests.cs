using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;
using Parley.Rest;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class AccountDeletionTests(LocalEnvironmentFixture fixture)
{
    private const string Service = "im_open_login_svc";

    [Fact]
    public async Task Nothing_of_a_deleted_account_is_left_in_any_table_and_others_keep_their_copies()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await FillAsync(environment, mia, jonas);
        Assert.True((await RowsAsync(environment, mia)).Count > 200);

        Assert.Equal([0], await DeleteAsync(environment.Api, mia));

        Assert.Empty(await RowsAsync(environment, mia));
        Assert.Empty(await environment.Api.FriendsAsync(jonas));
        Assert.Equal(111, (await RowsAsync(environment, jonas)).Count(row => row.StartsWith("accounts/m|", StringComparison.Ordinal)));
        Assert.Equal([70107], await DeleteAsync(environment.Api, mia));
        Assert.Equal(90012, await environment.SendForCodeAsync(Messages.Text(jonas, mia, "are you there?")));
        Assert.Equal(20003, await environment.SendForCodeAsync(Messages.Text(mia, jonas, "no")));
        Assert.Empty(await RowsAsync(environment, mia));
    }

    [Fact]
    public async Task What_is_left_of_a_conversation_with_a_deleted_account_stays_its_owners()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        var key = await environment.SendTextAsync(mia, jonas, "farewell");
        await DeleteAsync(environment.Api, mia);

        Assert.Equal("farewell", Messages.TextOf(Assert.Single(await environment.HistoryAsync(jonas, mia))));
        Assert.Single(await environment.LogAsync(jonas, mia));
        Assert.Equal(0, await environment.CodeAsync("admin_set_msg_read", new { Report_Account = jonas, Peer_Account = mia }, jonas));
        Assert.Equal(0, await environment.UnreadAsync(jonas, mia));
        Assert.Equal(
            0, await environment.CodeAsync("delete_c2c_msg_ramble", new { Operator_Account = jonas, Peer_Account = mia, MsgKeyList = new[] { key } }, jonas));
        Assert.Empty(await environment.HistoryAsync(jonas, mia));
    }

    [Fact]
    public async Task Its_devices_hear_why_and_UserSigs_of_before_are_refused()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        var before = UserSig.Sign(
            mia, environment.Settings.SdkAppId, environment.Settings.Secret, TimeProvider.System.GetUtcNow().AddSeconds(-10), TimeSpan.FromHours(1));
        await using var phone = await ClientConnection.StartAsync(environment.Api, mia, userSig: before, platform: "Android");

        await DeleteAsync(environment.Api, mia);

        Assert.Equal("AccountDeleted", (await phone.WaitForAsync(_ => true)).GetProperty("Reason").GetString());
        await Eventually.HoldsAsync(() => phone.Hub.State == HubConnectionState.Disconnected);
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => ClientConnection.StartAsync(environment.Api, mia, userSig: before));
        Assert.Contains("70052", refused.Message, StringComparison.Ordinal);
        var call = await environment.Api.PostAsync(environment.Api.CommandPath("openim", "querystate", mia, before), """{"To_Account":["alice"]}""");
        Assert.Equal(70052, call.GetProperty("ErrorCode").GetInt32());

        // Also after somebody has imported the name again; and a connection's late end leaves no row.
        await environment.Api.ImportAsync(mia);
        refused = await Assert.ThrowsAnyAsync<Exception>(() => ClientConnection.StartAsync(environment.Api, mia, userSig: before));
        Assert.Contains("70052", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["accounts/a"], await RowsAsync(environment, mia));
    }

    [Fact]
    public async Task An_imported_account_of_the_same_name_starts_afresh()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await environment.SendAsync(Messages.Text(jonas, mia, "old"));
        var epoch = await EpochAsync(environment, mia, jonas);
        await environment.Api.CallOkAsync("openconfigsvr", "setnospeaking", new { Set_Account = mia, C2CmsgNospeakingTime = 4294967295 });
        await DeleteAsync(environment.Api, mia);

        await environment.Api.ImportAsync(mia);

        Assert.Empty(await environment.HistoryAsync(mia, jonas));
        await environment.SendAsync(Messages.Text(mia, jonas, "hello again"), identifier: mia);
        Assert.NotEqual(epoch, await EpochAsync(environment, mia, jonas));
        Assert.Equal(["hello again"], Messages.TextsOf(await environment.HistoryAsync(mia, jonas)));
        Assert.Equal(["old", "hello again"], Messages.TextsOf(await environment.HistoryAsync(jonas, mia)));
    }

    [Fact]
    public async Task Results_come_in_the_order_of_the_request_each_with_its_code()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");

        var codes = await DeleteAsync(environment.Api, "nobody at all", mia, environment.Settings.Admin, mia, "a name that is longer than 32 bytes");

        Assert.Equal([70107, 0, 70402, 0, 70107], codes);
    }

    [Fact]
    public async Task An_app_may_forbid_it()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync(app => app with { AllowsAccountDeletion = false });
        await api.ImportAsync("mia");

        var answer = await api.CallAsync(Service, "account_delete", """{"DeleteItem":[{"UserID":"mia"}]}""");

        Assert.Equal(71000, answer.GetProperty("ErrorCode").GetInt32());
        Assert.Equal("Offline", await api.StatusAsync("mia"));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"DeleteItem":[]}""")]
    [InlineData("""{"DeleteItem":["mia"]}""")]
    [InlineData("""{"DeleteItem":[{"UserID":7}]}""")]
    [InlineData("""{"DeleteItem":[{}]}""")]
    public async Task Lists_that_are_none_are_refused(string body)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(70402, (await environment.Api.CallAsync(Service, "account_delete", body)).GetProperty("ErrorCode").GetInt32());
    }

    [Fact]
    public async Task More_than_100_are_too_many_and_none_is_deleted()
    {
        var environment = await fixture.StartedAsync();
        var mia = await environment.ImportAsync("mia");
        var body = JsonSerializer.Serialize(new { DeleteItem = Enumerable.Repeat(mia, 101).Select(name => new { UserID = name }) });

        Assert.Equal(70402, (await environment.Api.CallAsync(Service, "account_delete", body)).GetProperty("ErrorCode").GetInt32());
        Assert.Equal("Offline", await environment.Api.StatusAsync(mia));
    }

    // Rows of every kind that there is: account, mute, head, messages, identities, connection, push.
    private static async Task<long> EpochAsync(LocalEnvironment environment, string owner, string peer) =>
        (await environment.Api.CallOkAsync("openim", "get_c2c_log", new { Owner_Account = owner, Peer_Account = peer, AfterSeq = 0 })).GetProperty("Epoch").GetInt64();

    private static async Task FillAsync(LocalEnvironment environment, string mia, string jonas)
    {
        await Task.WhenAll(Enumerable.Range(1, 110).Select(n => environment.SendAsync(Messages.Text(jonas, mia, $"{n}", seq: (uint)n))));
        await environment.SendAsync(Messages.Text(mia, mia, "note"));
        await environment.Api.CallOkAsync("openim", "admin_set_msg_read", new { Report_Account = mia, Peer_Account = jonas });
        await FillMessagesAsync(environment, mia, jonas);
        await environment.Api.CallOkAsync("openconfigsvr", "setnospeaking", new { Set_Account = mia, GroupmsgNospeakingTime = 60 });
        await FillRelationsAsync(environment, mia, jonas);
        await (await environment.ConnectAsync(mia, "Android")).DisposeAsync();
        await Eventually.HoldsAsync(async () => await environment.Api.StatusAsync(mia) == "PushOnline");
        await using var browser = await environment.ConnectAsync(mia);
        await Eventually.HoldsAsync(async () => await environment.Api.StatusAsync(mia) == "Online");
    }

    private static async Task FillMessagesAsync(LocalEnvironment environment, string mia, string jonas)
    {
        var time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 60;
        var imported = Messages.Text(jonas, mia, "imported", 200, more: [("MsgTimeStamp", time), ("SyncFromOldSystem", 2), ("SupportMessageExtension", 1)]);
        await environment.Api.CallOkAsync("openim", "importmsg", imported.ToJsonString());
        var pair = new { Key = "k", Value = "v" };
        await environment.Api.CallOkAsync(
            "openim_msg_ext_http_svc", "set_key_values",
            new { From_Account = jonas, To_Account = mia, MsgKey = $"200_7_{time}", OperateType = 1, ExtensionList = new[] { pair } });
        var rows = await RowsAsync(environment, mia);
        Assert.All(["accounts/h|", "accounts/x|"], prefix => Assert.Contains(rows, row => row.StartsWith(prefix, StringComparison.Ordinal)));
    }

    private static async Task FillRelationsAsync(LocalEnvironment environment, string mia, string jonas)
    {
        Assert.Equal(0, await environment.Api.AddFriendAsync(mia, jonas));
        Assert.Equal(0, await environment.Api.BlockAsync(mia, await environment.ImportAsync("spam")));
        var rows = await RowsAsync(environment, mia);
        Assert.Equal(2, rows.Count(row => row.StartsWith("accounts/f|", StringComparison.Ordinal)));
        Assert.Equal(2, rows.Count(row => row.StartsWith("accounts/e|", StringComparison.Ordinal)));
    }

    private static Task<IReadOnlyList<string>> RowsAsync(LocalEnvironment environment, string account) =>
        StoredRows.OfAsync(environment.Settings.Storage, new AccountKey(environment.Settings.SdkAppId, account));

    private static async Task<IEnumerable<int>> DeleteAsync(ApiClient api, params string[] accounts)
    {
        var answer = await api.CallOkAsync(Service, "account_delete", new { DeleteItem = accounts.Select(account => new { UserID = account }) });
        var items = answer.GetProperty("ResultItem").EnumerateArray().ToList();
        Assert.Equal(accounts, items.Select(item => item.GetProperty("UserID").GetString()));
        Assert.All(items, item => Assert.Equal(item.GetProperty("ResultCode").GetInt32() == 0, item.GetProperty("ResultInfo").GetString() == ""));
        return items.Select(item => item.GetProperty("ResultCode").GetInt32());
    }
}
