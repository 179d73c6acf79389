using System.Net;
using System.Text.Json;
using Parley.Health;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>What the platform asks an instance.</summary>
[Collection(TelemetryLab.Collection)]
public sealed class HealthTests(TelemetryLab shared)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_healthy_instance_says_so_without_being_asked_who_asks()
    {
        var lab = await shared.StartedAsync();

        var (status, answer) = await Eventually.GetAsync("a healthy answer", async () => await AskAsync(lab.Api) is var asked && asked.Status == HttpStatusCode.OK ? ((HttpStatusCode, JsonElement)?)asked : null, Patience) ?? default;

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("OK", "OK", "OK"), (Text(answer, "Status"), Text(answer, "Storage"), Text(answer, "SignalR")));
        Assert.NotEqual("", Text(answer, "Version"));
        Assert.True(answer.GetProperty("UptimeSeconds").GetInt64() >= 0);
        Assert.Equal(["Status", "Version", "UptimeSeconds", "Storage", "SignalR", "CheckedSecondsAgo"], answer.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task HEAD_has_the_status_alone_and_other_methods_are_none_of_the_function()
    {
        var lab = await shared.StartedAsync();

        var stop = TestContext.Current.CancellationToken;
        using var head = await lab.Api.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/health"), stop);
        using var post = await lab.Api.Http.PostAsync(new Uri("/health", UriKind.Relative), null, stop);

        Assert.Contains(head.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable });
        Assert.Equal("no-store", head.Headers.CacheControl?.ToString());
        Assert.Equal("", await head.Content.ReadAsStringAsync(stop));
        Assert.Equal(HttpStatusCode.NotFound, post.StatusCode);
    }

    [Fact]
    public async Task Without_storage_the_answer_is_503_until_it_is_back_and_without_SignalR_it_stays_200()
    {
        var lab = await shared.StartedAsync();
        lab.Tables.Plan = request => IsCheck(request) ? Fault.DropBefore : Fault.None;

        var down = await UntilAsync(lab.Api, answer => Text(answer, "Storage") == "Unreachable");
        lab.Tables.Plan = FaultPlans.None;
        lab.SignalR.Plan = request => request.Target.Contains("/api/health", StringComparison.Ordinal) ? Fault.Answer(500) : Fault.None;
        var degraded = await UntilAsync(lab.Api, answer => Text(answer, "SignalR") == "Unreachable" && Text(answer, "Storage") == "OK");
        lab.SignalR.Plan = FaultPlans.None;
        var up = await UntilAsync(lab.Api, answer => Text(answer, "Status") == "OK");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Unavailable"), (down.Status, Text(down.Answer, "Status")));
        Assert.Equal((HttpStatusCode.OK, "Degraded"), (degraded.Status, Text(degraded.Answer, "Status")));
        Assert.Equal(HttpStatusCode.OK, up.Status);
    }

    [Fact]
    public async Task However_often_it_is_asked_storage_is_asked_once_in_ten_seconds_at_most()
    {
        var lab = await shared.StartedAsync();
        await AskAsync(lab.Api);
        var (before, began) = (lab.Tables.Count(IsCheck), TimeProvider.System.GetTimestamp());

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => AskAsync(lab.Api)));

        var intervals = 1 + (int)(TimeProvider.System.GetElapsedTime(began) / ServiceCheck.Interval);
        Assert.InRange(lab.Tables.Count(IsCheck) - before, 0, intervals);
    }

    [Fact]
    public async Task A_further_storage_account_that_is_lost_is_named_with_200_until_it_is_back()
    {
        var lab = await shared.StartedAsync();
        var (further, connection) = await lab.StartFurtherStorageAsync();
        await using var proxy = further;
        further.Plan = _ => Fault.DropBefore;
        await using var instance = await lab.AddInstanceAsync(("Storage__Shards__0__ConnectionString", connection));

        var lost = await UntilAsync(instance.Api, answer => Text(answer, "Storage") != "OK" && Text(answer, "SignalR") == "OK");
        using var head = await instance.Api.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/health"), TestContext.Current.CancellationToken);
        further.Plan = FaultPlans.None;
        var up = await UntilAsync(instance.Api, answer => Text(answer, "Status") == "OK");

        Assert.Equal((HttpStatusCode.OK, "Degraded", "Partial"), (lost.Status, Text(lost.Answer, "Status"), Text(lost.Answer, "Storage")));
        Assert.Equal("[1]", lost.Answer.GetProperty("UnreachableStorage").GetRawText());
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal((HttpStatusCode.OK, "OK"), (up.Status, Text(up.Answer, "Storage")));
        Assert.False(up.Answer.TryGetProperty("UnreachableStorage", out _));

        var (before, began) = (further.Count(IsCheck), TimeProvider.System.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => AskAsync(instance.Api)));
        Assert.InRange(further.Count(IsCheck) - before, 0, 1 + (int)(TimeProvider.System.GetElapsedTime(began) / ServiceCheck.Interval));
    }

    private static bool IsCheck(ProxiedRequest request) => request.Target.Contains("PartitionKey='health'", StringComparison.Ordinal);

    private static async Task<(HttpStatusCode Status, JsonElement Answer)> AskAsync(ApiClient api)
    {
        using var answer = await api.Http.GetAsync(new Uri("/health", UriKind.Relative));
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
    }

    private static async Task<(HttpStatusCode Status, JsonElement Answer)> UntilAsync(ApiClient api, Func<JsonElement, bool> matches) =>
        await Eventually.GetAsync("the answer", async () => await AskAsync(api) is var asked && matches(asked.Answer) ? ((HttpStatusCode, JsonElement)?)asked : null, Patience) ?? default;

    private static string Text(JsonElement answer, string name) => answer.GetProperty(name).GetString()!;
}
