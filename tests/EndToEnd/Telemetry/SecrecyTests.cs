using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Parley.Tests.Logins;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>What users write and what proves who somebody is never leaves the handler as telemetry, nor by standard output.</summary>
[Collection(TelemetryLab.Collection)]
public sealed class SecrecyTests(TelemetryLab shared)
{
    /// <summary>In every text of every body.</summary>
    private const string Body = "confidential-body-51f0";

    private const string Token = "confidential-token-a7c3";

    private static readonly ConcurrentBag<string> Proofs = [];

    [Fact]
    public async Task No_body_signature_token_or_key_is_in_any_span_metric_log_entry_or_line_of_output()
    {
        var lab = await shared.StartedAsync();
        var accounts = await lab.ImportAsync("secret-mia", "secret-jonas");
        var commands = ApiCoverage.Commands().Where(command => command.IsThere).Select(command => command.Command.Split('/')).ToList();
        Assert.True(commands.Count > 90, $"There are only {commands.Count} commands.");

        await CallAllAsync(lab, commands, command => Valid(command[1], accounts));
        await CallAllAsync(lab, commands, _ => "{\"" + Body + "\": {\"MsgBody\": [" + Body);
        await CallOthersAsync(lab);

        // The same with storage and SignalR gone: what failed is logged with its exception.
        lab.Tables.Plan = _ => Fault.Answer(500);
        lab.SignalR.Plan = _ => Fault.Answer(500);
        await CallAllAsync(lab, commands, command => Valid(command[1], accounts));
        await CallOthersAsync(lab);
        lab.Tables.Plan = lab.SignalR.Plan = FaultPlans.None;

        var trace = await lab.SendAsync(accounts[0], accounts[1], Body);
        await lab.SpansAsync(trace, spans => spans.Any(span => span.Name == "signalr send"));
        await lab.CollectAsync();
        await Eventually.HoldsAsync(() => lab.Collector.Logs.Any(log => log.Attributes.ContainsKey("exception.stacktrace")));
        AssertNowhere(lab, [Body, Token, .. lab.Secrets, .. Proofs]);
        AssertNowhere(lab, accounts);
    }

    private static async Task CallAllAsync(TelemetryLab lab, IEnumerable<string[]> commands, Func<string[], string> body) =>
        await Parallel.ForEachAsync(commands, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (command, _) =>
        {
            var sig = lab.Api.Sign(lab.Api.Settings.Admin);
            Proofs.Add(sig);
            // What it answers is another test's concern; the app's own settings must stay as they are.
            await lab.Api.PostAsync(lab.Api.CommandPath(command[0], command[1], userSig: sig), command[1] == "set_app_settings" ? $$"""{"Secrets":["{{Body}}"]}""" : body(command));
        });

    private static string Valid(string command, IReadOnlyList<string> accounts)
    {
        var body = Messages.Text(accounts[0], accounts[1], Body, random: (uint)Random.Shared.Next()).AsObject();
        body["Text"] = body["Name"] = body["Introduction"] = body["CloudCustomData"] = Body;
        body["GroupId"] = "secret-group";
        body["Owner_Account"] = body["Operator_Account"] = body["UserID"] = accounts[0];
        body["Peer_Account"] = accounts[1];
        body["Type"] = "Public";
        body["Random"] = Random.Shared.Next();
        body["DirtyWordsList"] = new System.Text.Json.Nodes.JsonArray(Body);
        body["ProfileItem"] = JsonSerializer.SerializeToNode(new[] { new { Tag = "Tag_Profile_IM_Nick", Value = Body } });
        body["AddFriendItem"] = JsonSerializer.SerializeToNode(new[] { new { To_Account = accounts[1], AddSource = "AddSource_Type_XXXXXXXX", Remark = Body, AddWording = Body } });
        body["GroupAttr"] = JsonSerializer.SerializeToNode(new[] { new { key = "k", value = Body } });
        return command == "add" ? $$"""{"DirtyWordsList":["{{Body}}"]}""" : body.ToJsonString();
    }

    // What is no command: negotiation, upstream, logins.
    private static async Task CallOthersAsync(TelemetryLab lab)
    {
        var sig = lab.Api.Sign("administrator");
        Proofs.Add(sig);
        var negotiated = await lab.Api.PostAsync($"/client/negotiate?sdkappid={lab.Api.Settings.SdkAppId}&identifier=administrator&usersig={Uri.EscapeDataString(sig)}&{Token}={Token}", "");
        if (negotiated.TryGetProperty("accessToken", out var token) && token.GetString() is { Length: > 0 } text)
        {
            Proofs.Add(text);
        }

        await lab.Api.PostAsync($"/v4/openim/sendmsg?sdkappid={lab.Api.Settings.SdkAppId}&identifier=administrator&usersig={Token}", $$"""{"{{Body}}":1}""");
        await lab.Api.LogInAsync(new { Provider = "nobody", IdToken = Token, AccessToken = Token, Code = Token });
        foreach (var path in new[] { $"/upstream/{Token}", lab.UpstreamPath })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path + $"?{Token}={Token}") { Content = new StringContent(Body) };
            request.Headers.Add("X-ASRS-Connection-Id", "a-connection");
            request.Headers.Add("X-ASRS-Signature", Token);
            request.Headers.Add("tracestate", $"v={Token}");
            request.Headers.Add("baggage", $"v={Token}");
            request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
            using var answer = await lab.Api.Http.SendAsync(request);
        }
    }

    private static void AssertNowhere(TelemetryLab lab, IEnumerable<string> secrets)
    {
        var everything = lab.Collector.Bodies.Select(Encoding.UTF8.GetString).Concat(lab.AzureMonitor.Lines).Concat(lab.Output.Lines.Select(line => line.Text)).ToList();
        Assert.All(secrets.Distinct(), secret => Assert.DoesNotContain(everything, text => text.Contains(secret, StringComparison.Ordinal)));
    }
}
