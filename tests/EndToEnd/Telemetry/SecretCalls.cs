using System.Collections.Concurrent;
using System.Text.Json;
using Parley.Tests.EndToEnd.Groups;
using Parley.Tests.Logins;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>Calls of every kind whose every text is confidential.</summary>
internal sealed class SecretCalls(TelemetryLab lab, IReadOnlyList<string> accounts, ScriptedProvider provider, CallbackReceiver receiver)
{
    /// <summary>In every text of every body.</summary>
    public const string Body = "confidential-body-51f0";

    /// <summary>In whatever proves something, right or wrong.</summary>
    public const string Token = "confidential-token-a7c3";

    private const string Group = "confidential-group-c2";

    private static readonly IReadOnlyList<string[]> Commands = [.. ApiCoverage.Commands().Where(command => command.IsThere).Select(command => command.Command.Split('/'))];

    private readonly ConcurrentBag<string> _proofs = [];

    /// <summary>What must be nowhere afterwards.</summary>
    public IEnumerable<string> Secrets =>
    [
        Body, Token, Group, .. accounts, .. lab.Secrets, .. _proofs,
        .. receiver.Received.SelectMany(callback => new[] { callback.Query["Sign"], callback.Headers["X-Parley-Signature"] }).Distinct(),
    ];

    /// <summary>Bodies that are right, of the commands that take what people write; they must succeed, or the test would show little.</summary>
    public async Task RunRightAsync()
    {
        await OkAsync("openconfigsvr/set_app_settings", $$"""
            {"Secrets":["{{lab.Api.Settings.Secret}}","{{Token}}"],"Company":"{{Body}}","CallbackUrl":"{{receiver.Url}}/{{Token}}","CallbackToken":"{{Token}}",
             "CallbackCommands":["C2C.CallbackBeforeSendMsg","C2C.CallbackAfterSendMsg"],"LoginProviders":[{{DocumentedProviders.Of("wechat", provider.Address, Token, Token)}}]}
            """);
        await OkAsync("openim/sendmsg", Messages.Text(accounts[0], accounts[1], Body, random: 1, more: [("CloudCustomData", Body)]).ToJsonString());
        await OkAsync("openim/batchsendmsg", $$"""{"From_Account":"{{accounts[0]}}","To_Account":["{{accounts[1]}}"],"MsgRandom":2,"MsgBody":{{Text}}}""");
        await OkAsync("profile/portrait_set", $$"""{"From_Account":"{{accounts[0]}}","ProfileItem":[{"Tag":"Tag_Profile_IM_Nick","Value":"{{Body}}"}]}""");
        await OkAsync("sns/friend_add", $$"""
            {"From_Account":"{{accounts[0]}}","AddFriendItem":[{"To_Account":"{{accounts[1]}}","AddSource":"AddSource_Type_Test","Remark":"{{Body}}","AddWording":"{{Body}}"}]}
            """);
        await OkAsync("group_open_http_svc/create_group", $$"""
            {"GroupId":"{{Group}}","Type":"Public","Name":"{{Body}}","Introduction":"{{Body}}","Owner_Account":"{{accounts[0]}}","MemberList":[{"Member_Account":"{{accounts[1]}}"}]}
            """);
        await OkAsync("group_open_http_svc/send_group_msg", GroupCalls.GroupText(Group, accounts[0], Body));
        await OkAsync("openim_dirty_words/add", $$"""{"DirtyWordsList":["{{Body}}-word"]}""");
    }

    /// <summary>Every command there is, with a body that has fields for most and is right for some.</summary>
    public Task RunAllAsync() => CallAllAsync(_ => Anything());

    /// <summary>Every command there is, with a body that is no JSON.</summary>
    public Task RunBrokenAsync() => CallAllAsync(_ => "{\"" + Body + "\": {\"MsgBody\": [" + Body);

    /// <summary>What is no command: negotiation, logins, SignalR's own calls.</summary>
    public async Task RunOthersAsync()
    {
        var (api, sig) = (lab.Api, Proof(lab.Api.Sign(lab.Api.Settings.Admin)));
        var app = $"sdkappid={api.Settings.SdkAppId}&identifier={api.Settings.Admin}";
        using var negotiated = await api.Http.PostAsync(new Uri($"/client/negotiate?{app}&usersig={Uri.EscapeDataString(sig)}&{Token}={Token}", UriKind.Relative), null);
        if (negotiated.IsSuccessStatusCode && JsonElement.Parse(await negotiated.Content.ReadAsStringAsync()).TryGetProperty("accessToken", out var token))
        {
            _proofs.Add(token.GetString()!);
        }

        await api.PostAsync($"/v4/openim/sendmsg?{app}&usersig={Token}", $$"""{"{{Body}}":1}""");
        await api.LogInAsync(new { Provider = "nobody", IdToken = Token, AccessToken = Token, Code = Token });
        await api.LogInAsync(new { Provider = "wechat", Code = Token });
        await UpstreamAsync($"/upstream/{Token}");
        await UpstreamAsync(TelemetryLab.UpstreamPath);
    }

    private static string Text => $$$"""[{"MsgType":"TIMTextElem","MsgContent":{"Text":"{{{Body}}}"}}]""";

    private string Proof(string sig)
    {
        _proofs.Add(sig);
        return sig;
    }

    private async Task OkAsync(string command, string body)
    {
        var names = command.Split('/');
        var answer = await lab.Api.PostAsync(lab.Api.CommandPath(names[0], names[1], userSig: Proof(lab.Api.Sign(lab.Api.Settings.Admin))), body);
        Assert.True(answer.GetProperty("ErrorCode").GetInt32() == 0, $"{command}: {answer.GetRawText()}");
    }

    // What it answers is another test's concern.
    private Task CallAllAsync(Func<string[], string> body) =>
        Parallel.ForEachAsync(Commands, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (command, _) =>
            await lab.Api.PostAsync(lab.Api.CommandPath(command[0], command[1], userSig: Proof(lab.Api.Sign(lab.Api.Settings.Admin))), body(command)));

    private string Anything()
    {
        var body = Messages.Text(accounts[0], accounts[1], Body, random: (uint)Random.Shared.Next());
        foreach (var name in new[] { "Text", "Name", "Introduction", "Notification", "CloudCustomData", "Remark", "Nick" })
        {
            body[name] = Body;
        }

        foreach (var name in new[] { "Owner_Account", "Operator_Account", "UserID", "Member_Account" })
        {
            body[name] = accounts[0];
        }

        (body["Peer_Account"], body["GroupId"], body["Type"], body["Random"], body["MaxCnt"]) = (accounts[1], Group, "Public", Random.Shared.Next(), 10);
        body["ProfileItem"] = JsonSerializer.SerializeToNode(new[] { new { Tag = "Tag_Profile_IM_Nick", Value = Body } });
        body["GroupAttr"] = JsonSerializer.SerializeToNode(new[] { new { key = "k", value = Body } });
        return body.ToJsonString();
    }

    private async Task UpstreamAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{path}?{Token}={Token}") { Content = new StringContent(Body) };
        request.Headers.Add("X-ASRS-Connection-Id", "a-connection");
        request.Headers.Add("X-ASRS-Signature", Token);
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        request.Headers.Add("tracestate", $"v={Token}");
        request.Headers.Add("baggage", $"v={Token}");
        using var answer = await lab.Api.Http.SendAsync(request);
    }
}
