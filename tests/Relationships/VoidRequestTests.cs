using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Relationships;

/// <summary>How clients see requests that nobody has answered in the app's time.</summary>
public sealed class VoidRequestTests(AzuriteFixture azurite)
{
    [Theory]
    [InlineData("friend_add", """ "AddFriendItem":[{"To_Account":"jonas"}] """)]
    [InlineData("friend_response", """ "ResponseFriendItem":[{"To_Account":"jonas","ResponseAction":"Response_Action_AgreeAndAdd"}] """)]
    public async Task A_void_request_is_not_listed_counts_as_unread_no_more_cannot_be_answered_and_can_be_made_anew(string command, string fields)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var instance = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), time);
        var app = await instance.AddAppAsync();
        await CallAsync("im_open_login_svc", "multiaccount_import", """{"Accounts":["mia","jonas"]}""", "administrator");
        await CallAsync("openconfigsvr", "set_app_settings", """{"DefaultAllowType":"NeedConfirm","FriendRequestDays":3}""", "administrator");
        const string Ask = """{"From_Account":"mia","AddFriendItem":[{"To_Account":"jonas"}]}""";
        Assert.Equal(30539, Code(await CallAsync("sns", "friend_add", Ask, "mia")));

        time.Advance(TimeSpan.FromDays(3) - TimeSpan.FromSeconds(5));
        Assert.Equal((1, 1), await ListAsync());
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((0, 0), await ListAsync());
        foreach (var action in new[] { "Agree", "AgreeAndAdd", "Reject" })
        {
            var answer = $$"""{"From_Account":"jonas","ResponseFriendItem":[{"To_Account":"mia","ResponseAction":"Response_Action_{{action}}"}]}""";
            Assert.Equal(30614, Code(await CallAsync("sns", "friend_response", answer, "jonas")));
        }

        // Nor is it taken for the other one's consent.
        Assert.Equal(30539, Code(await CallAsync("sns", "friend_add", """{"From_Account":"jonas","AddFriendItem":[{"To_Account":"mia"}]}""", "jonas")));
        Assert.Equal(0, Code(await CallAsync("sns", command, $$"""{"From_Account":"mia",{{fields}}}""", "mia")));
        await StoredRelations.AssertWholeAsync(azurite, new AccountKey(app.SdkAppId, "mia"), new AccountKey(app.SdkAppId, "jonas"));
        Assert.Equal(0, (await StoredRelations.RelationAsync(azurite, new AccountKey(app.SdkAppId, "mia"), "jonas")).RequestCount);

        async Task<(int Listed, int Unread)> ListAsync()
        {
            var list = await CallAsync("sns", "pendency_get", """{"From_Account":"jonas","PendencyType":"Pendency_Type_ComeIn"}""", "jonas");
            return (list.GetProperty("PendencyItem").GetArrayLength(), list.GetProperty("UnreadPendencyCount").GetInt32());
        }

        Task<JsonElement> CallAsync(string service, string command, string body, string identifier) => instance.CallAsync(app, service, command, body, identifier);
    }

    private static int Code(JsonElement answer) => answer.GetProperty("ResultItem")[0].GetProperty("ResultCode").GetInt32();
}
