using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.Delivery;
using Parley.Rest;

namespace Parley.Tests.Telemetry;

/// <summary>What the work queue notes in a job of whatever kind, and reads back from it.</summary>
public sealed class WorkJobTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);

    [Theory]
    [InlineData("{}")]
    [InlineData(" { } ")]
    [InlineData("""{"Text":"a \"}{\" b","List":[1,2]}""")]
    public async Task A_job_keeps_what_it_is_and_says_when_it_is_due(string json)
    {
        var message = new WorkJob("queue", json, TimeSpan.FromMinutes(10)).ToMessage(Now);

        var call = await ReadAsync(message);

        Assert.Equal(Now + TimeSpan.FromMinutes(10), call.DueAt);
        Assert.Equal(default, call.Origin);
        var job = JsonElement.Parse(call.Payload).EnumerateObject().Where(property => property.Name != "DueAt").ToDictionary(property => property.Name, property => property.Value.GetRawText());
        Assert.Equal(JsonElement.Parse(json).EnumerateObject().ToDictionary(property => property.Name, property => property.Value.GetRawText()), job);
    }

    [Theory]
    [InlineData("no JSON at all")]
    [InlineData("[1]")]
    [InlineData("""{"TraceParent":7,"DueAt":"soon"}""")]
    [InlineData("""{"TraceParent":"00-nonsense","DueAt":99999999999999999}""")]
    public async Task A_job_with_other_notes_or_none_is_brought_all_the_same(string message)
    {
        var call = await ReadAsync(message);

        Assert.Equal((message, null, default(ActivityContext)), (call.Payload, call.DueAt, call.Origin));
    }

    [Fact]
    public async Task The_trace_of_a_job_is_read_as_that_of_another_process()
    {
        var call = await ReadAsync("""{"TraceParent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}""");

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", call.Origin.TraceId.ToHexString());
        Assert.True(call.Origin.IsRemote);
    }

    private static Task<FunctionCall> ReadAsync(string message)
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { Data = new { job = JsonSerializer.Serialize(message) } })));
        return FunctionCall.ReadAsync(http.Request, "job", CancellationToken.None);
    }
}
