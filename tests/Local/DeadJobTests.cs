using System.Text.Json;
using Parley.Delivery;
using Parley.Local.DeadLetters;
using Parley.Storage;

namespace Parley.Tests.LocalRun;

/// <summary>Jobs as a queue has put them aside.</summary>
public sealed class DeadJobTests
{
    [Theory]
    [InlineData(TableNames.DeliverQueue, """ "SdkAppId":7,"Path":"/users/7%3Amia","Events":[{"Type":"Test"}] """)]
    [InlineData(TableNames.CallbackQueue, """ "Table":"accounts","Partition":"7|mia" """)]
    [InlineData(TableNames.TaskQueue, """ "SdkAppId":7,"Task":"t1" """)]
    public void A_job_goes_back_as_it_first_was_without_its_old_trace_and_time(string queue, string job)
    {
        var first = new WorkJob(queue, $"{{{job}}}");
        var put = $$"""{"TraceParent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","DueAt":1700000000123,{{job}}}""";

        var read = DeadJob.Read(queue, put);

        Assert.Equal(7u, read.SdkAppId);
        Assert.Equal(queue, read.Job!.Queue);
        Assert.True(JsonElement.DeepEquals(Parse(first.Json), Parse(read.Job.Json)), read.Job.Json);
    }

    [Theory]
    [InlineData(TableNames.DeliverQueue)]
    [InlineData(TableNames.CallbackQueue)]
    [InlineData(TableNames.TaskQueue)]
    public void What_is_no_job_of_its_queue_cannot_be_read(string queue)
    {
        Assert.Null(DeadJob.Read(queue, """{"Something":"else"}""").Job);
        Assert.Null(DeadJob.Read(queue, "no JSON").Job);
        Assert.Null(DeadJob.Read(queue, null).Job);
    }

    private static JsonElement Parse(string json)
    {
        using var parsed = JsonDocument.Parse(json);
        return parsed.RootElement.Clone();
    }
}
