using System.Text;
using Microsoft.AspNetCore.Http;
using Parley.Tests.Logins;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>What users write, who they are, and what proves it, never leaves the handler as telemetry, nor by standard output.</summary>
[Collection(TelemetryLab.Collection)]
public sealed class SecrecyTests(TelemetryLab shared)
{
    [Fact]
    public async Task No_body_account_signature_token_or_key_is_in_any_span_metric_log_entry_or_line_of_output()
    {
        var lab = await shared.StartedAsync();
        var accounts = await lab.ImportAsync("confidential-mia", "confidential-jonas");
        await using var provider = await ScriptedProvider.StartAsync();
        provider.Answers["/token"] = _ => Results.Text($"{{\"errcode\":40029,\"errmsg\":\"{SecretCalls.Token}\"}}", "text/plain", statusCode: 500);
        await using var receiver = await CallbackReceiver.StartAsync();
        receiver.Script = callback => callback.Command.Contains("After", StringComparison.Ordinal) ? new CallbackReply(500, Encoding.UTF8.GetBytes(SecretCalls.Body)) : CallbackReply.Ok;
        var calls = new SecretCalls(lab, accounts, provider, receiver);

        await calls.RunRightAsync();
        await calls.RunAllAsync();
        await calls.RunBrokenAsync();
        await calls.RunOthersAsync();

        // Once more with storage and SignalR gone: what fails is logged, with its exception.
        lab.Tables.Plan = _ => Fault.Answer(500);
        lab.SignalR.Plan = _ => Fault.Answer(500);
        await calls.RunAllAsync();
        await calls.RunOthersAsync();
        lab.Tables.Plan = lab.SignalR.Plan = FaultPlans.None;

        // Others: what failed goes on being tried for seconds, the deletion of these accounts too.
        var others = await lab.ImportAsync("confidential-anna", "confidential-ben");
        var trace = await lab.SendAsync(others[0], others[1], SecretCalls.Body);
        await lab.SpansAsync(trace, spans => spans.Any(span => span.Name == "signalr send"));
        await Eventually.HoldsAsync(() => lab.Collector.Logs.Any(log => log.Attributes.ContainsKey("exception.stacktrace")));
        await lab.CollectAsync();
        await receiver.WaitForAsync("C2C.CallbackAfterSendMsg");
        await lab.CallAsync("openconfigsvr", "set_app_settings", """{"CallbackUrl":""}""");
        await Eventually.HoldsAsync(() => lab.Collector.Spans.Any(span => span.Name == "login provider"));
        await Eventually.HoldsAsync(() => lab.Collector.Spans.Any(span => span.Name == "callback C2C.CallbackAfterSendMsg" && span.IsError));
        AssertNowhere(lab, [.. calls.Secrets, .. others]);
    }

    private static void AssertNowhere(TelemetryLab lab, IEnumerable<string> secrets)
    {
        var everything = lab.Collector.Bodies.Select(Encoding.UTF8.GetString).Concat(lab.AzureMonitor.Lines).Concat(lab.Output.Lines.Select(line => line.Text)).ToList();
        Assert.All(secrets.Distinct(), secret =>
        {
            var found = everything.Find(text => text.Contains(secret, StringComparison.Ordinal));
            Assert.True(found is null, $"'{secret}' is in: …{(found is null ? "" : Around(found, secret))}…");
        });
    }

    private static string Around(string text, string secret)
    {
        var at = text.IndexOf(secret, StringComparison.Ordinal);
        return text[Math.Max(0, at - 500)..Math.Min(text.Length, at + secret.Length + 200)];
    }
}
