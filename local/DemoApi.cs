using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Local;

/// <summary>Calls the REST API as the demo app's administrator does.</summary>
internal sealed class DemoApi(Uri api, DemoApp app, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>The address of a command, signed by the administrator.</summary>
    public string CommandUrl(string service, string command)
    {
        var sig = Uri.EscapeDataString(app.Sign(DemoApp.Admin, time));
        var random = Random.Shared.Next().ToString(CultureInfo.InvariantCulture);
        var root = api.GetLeftPart(UriPartial.Authority);
        return $"{root}/v4/{service}/{command}?sdkappid={DemoApp.SdkAppId}&identifier={DemoApp.Admin}&usersig={sig}&random={random}&contenttype=json";
    }

    /// <summary>Imports the demo accounts; those that exist get their nicknames again.</summary>
    /// <returns>Their names.</returns>
    /// <exception cref="StartFailedException">The handler refused or did not answer.</exception>
    public async Task<string> ImportAccountsAsync(CancellationToken cancellation)
    {
        var accounts = DemoApp.Accounts.Select(account => new JsonObject { ["UserID"] = account.Account, ["Nick"] = account.Nick });
        var body = new JsonObject { ["AccountList"] = new JsonArray([.. accounts]) };
        using var http = new HttpClient { Timeout = Timeout };
        using var content = new StringContent(body.ToJsonString());
        string text;
        try
        {
            using var answer = await http.PostAsync(new Uri(CommandUrl("im_open_login_svc", "multiaccount_import")), content, cancellation);
            text = await answer.Content.ReadAsStringAsync(cancellation);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new StartFailedException($"The handler did not answer the import of the demo accounts: {e.Message}", e);
        }

        return IsSuccess(text)
            ? string.Join(", ", DemoApp.Accounts.Select(account => account.Account))
            : throw new StartFailedException($"The handler refused to import the demo accounts: {text}");
    }

    /// <summary>A command line that sends a message to the first demo account.</summary>
    public string SendCommand()
    {
        const string Body = """{"SyncOtherMachine":2,"To_Account":"alice","MsgRandom":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"Hello, Alice!"}}]}""";
        return $"curl -s -d '{Body}' '{CommandUrl("openim", "sendmsg")}'";
    }

    private static bool IsSuccess(string text)
    {
        try
        {
            var answer = JsonNode.Parse(text);
            return answer?["ErrorCode"]?.GetValue<int>() == 0 && answer["FailAccounts"] is not JsonArray { Count: > 0 };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }
}
