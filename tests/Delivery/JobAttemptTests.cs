using System.Text;
using System.Text.Json;
using Azure.Data.Tables;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Parley.Delivery;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.Delivery;

/// <summary>What becomes of a job that failed, told by the metadata of either kind of queue.</summary>
public sealed class JobAttemptTests(AzuriteFixture azurite)
{
    private const int MaxAttempts = 5;

    [Theory]
    [InlineData("DequeueCount")]
    [InlineData("DeliveryCount")]
    public async Task The_last_attempt_of_either_queue_is_noted_with_its_reason_and_answered_as_done(string counter)
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        var job = $"{{\"Job\":\"{Guid.NewGuid()}\"}}";

        var status = await CallAsync(app, counter, attempt: MaxAttempts, job, (_, _) => throw new InvalidOperationException("It cannot be done."));

        Assert.Equal(StatusCodes.Status200OK, status);
        var letter = Assert.Single(await DeadLettersAsync(app, job));
        Assert.Equal((MaxAttempts, "It cannot be done."), (letter.GetInt32("Attempts"), letter.GetString("Reason")));
    }

    [Fact]
    public async Task A_failure_before_is_answered_at_once_where_the_queue_waits_and_after_a_pause_where_it_does_not()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), time, ("WorkQueue:RetrySeconds", "7"));
        var job = $"{{\"Job\":\"{Guid.NewGuid()}\"}}";
        var ran = new TaskCompletionSource();

        Assert.Equal(500, await CallAsync(app, "DequeueCount", attempt: 1, job, (_, _) => throw new InvalidOperationException()));
        var held = CallAsync(app, "DeliveryCount", attempt: 1, job, (_, _) =>
        {
            ran.SetResult();
            throw new InvalidOperationException();
        });
        await ran.Task;
        Assert.False(held.IsCompleted);
        await Eventually.HoldsAsync(() =>
        {
            // The pause begins some time after the work has failed.
            time.Advance(TimeSpan.FromSeconds(7));
            return held.IsCompleted;
        });

        Assert.Equal(500, await held);
        Assert.Empty(await DeadLettersAsync(app, job));
    }

    [Theory]
    [InlineData("DequeueCount")]
    [InlineData("DeliveryCount")]
    public async Task A_job_that_cannot_be_read_is_given_up_at_the_first_attempt(string counter)
    {
        await using var app = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"));
        var job = $"{{\"Job\":\"{Guid.NewGuid()}\"}}";

        Assert.Equal(200, await CallAsync(app, counter, attempt: 1, job, (_, _) => throw new JsonException("Not readable.")));

        Assert.Single(await DeadLettersAsync(app, job));
    }

    // As the host calls: texts and numbers are JSON inside a JSON string.
    private static async Task<int> CallAsync(AppInstance app, string counter, int attempt, string job, Func<JobAttempt, CancellationToken, Task> work)
    {
        var envelope = JsonSerializer.Serialize(new
        {
            Data = new { job = JsonSerializer.Serialize(job) },
            Metadata = new Dictionary<string, string> { [counter] = $"{attempt}" },
        });
        var http = new DefaultHttpContext { Request = { Body = new MemoryStream(Encoding.UTF8.GetBytes(envelope)) }, Response = { Body = new MemoryStream() } };
        await app.Get<JobAttempts>().RunAsync(http, new JobKind("attempt-test", "attempts"), MaxAttempts, (tried, cancellation) =>
        {
            tried.SdkAppId = 7;
            Assert.Equal((job, attempt), (tried.Text, tried.Number));
            return work(tried, cancellation);
        });
        return http.Response.StatusCode;
    }

    private static async Task<List<TableEntity>> DeadLettersAsync(AppInstance app, string payload)
    {
        var letters = new List<TableEntity>();
        await foreach (var row in app.Get<TableStore>().DeadLetters.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq 'attempt-test|7' and Payload eq {payload}")))
        {
            letters.Add(row);
        }

        return letters;
    }
}
