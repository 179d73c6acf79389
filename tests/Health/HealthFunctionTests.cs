using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Parley.Health;

namespace Parley.Tests.Health;

public sealed class HealthFunctionTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly HashSet<int> _lost = [];

    [Theory]
    [InlineData(new int[0], 200, "OK", "OK", null)]
    [InlineData(new[] { 2 }, 200, "Degraded", "Partial", "[2]")]
    [InlineData(new[] { 1, 3 }, 200, "Degraded", "Partial", "[1,3]")]
    [InlineData(new[] { 0 }, 503, "Unavailable", "Unreachable", null)]
    [InlineData(new[] { 0, 2 }, 503, "Unavailable", "Unreachable", "[2]")]
    public async Task The_primary_account_decides_whether_anything_works_and_further_ones_are_named(int[] lost, int code, string status, string storage, string? unreachable)
    {
        _lost.UnionWith(lost);

        var (answered, answer) = await AskAsync(new HealthFunction([.. Enumerable.Range(0, 4).Select(Check)], Check(9), _time));

        Assert.Equal((code, status, storage), (answered, answer.GetProperty("Status").GetString(), answer.GetProperty("Storage").GetString()));
        Assert.Equal(unreachable, answer.TryGetProperty("UnreachableStorage", out var numbers) ? numbers.GetRawText() : null);
    }

    [Fact]
    public async Task A_hundred_accounts_that_are_silent_are_waited_for_together()
    {
        var silent = Enumerable.Range(1, 100).Select(_ => new ServiceCheck(_ => new TaskCompletionSource().Task, TimeProvider.System));

        // One after the other they would take 200 s.
        var (_, answer) = await AskAsync(new HealthFunction([Check(0), .. silent], Check(9), _time)).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.Equal(100, answer.GetProperty("UnreachableStorage").GetArrayLength());
    }

    private ServiceCheck Check(int number) => new(_ => _lost.Contains(number) ? throw new HttpRequestException("no") : Task.CompletedTask, _time);

    private static async Task<(int Code, JsonElement Answer)> AskAsync(HealthFunction function)
    {
        var http = new DefaultHttpContext();
        using var body = new MemoryStream();
        (http.Request.Method, http.Response.Body) = (HttpMethods.Get, body);
        await function.HandleAsync(http);
        return (http.Response.StatusCode, JsonElement.Parse(body.ToArray()));
    }
}
