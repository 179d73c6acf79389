using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Parley.Tests.Support;

namespace Parley.Tests.FunctionsHost;

public sealed class ProxyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_reaches_the_handler_unchanged_but_for_the_headers_of_the_host()
    {
        await using var app = await StartAsync("v4/{service}/{command}");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Host.Endpoint, "v4/open%20im/%E4%BD%A0?usersig=eJw*a%2Bb_&a=1&a=2"))
        {
            Content = new ByteArrayContent("""{"x":1}"""u8.ToArray()),
        };
        request.Headers.Host = "im.example.org";
        request.Headers.Add("Cookie", "a=b");
        request.Headers.Add("X-Azure-Functions-InvocationId", "forged");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("sdk", "1.0"));

        using var response = await app.Http.SendAsync(request, Stop);

        var call = await app.Script.FirstCallAsync();
        Assert.Equal("POST", call.Method);
        Assert.Equal("/v4/open%20im/%E4%BD%A0?usersig=eJw*a%2Bb_&a=1&a=2", call.Target);
        Assert.Equal("""{"x":1}""", call.Body);
        Assert.False(call.Headers.ContainsKey("Content-Type"));
        Assert.StartsWith("127.0.0.1:", call.Header("Host"), StringComparison.Ordinal);
        Assert.Equal("im.example.org", call.Header("X-Forwarded-Host"));
        Assert.Equal("127.0.0.1", call.Header("X-Forwarded-For"));
        Assert.Equal("http", call.Header("X-Forwarded-Proto"));
        Assert.Equal("a=b", call.Header("Cookie"));
        Assert.Equal("sdk/1.0", call.Header("User-Agent"));
        Assert.True(Guid.TryParse(call.Header("X-Azure-Functions-InvocationId"), out var id));
        Assert.Equal(id.ToString(), call.Header("x-ms-invocation-id"));
        Assert.Matches(@"^\d+\.\d+\.\d+$", call.Header("X-Azure-Functions-HostVersion"));
    }

    // The proxy decodes and encodes a path once. Only an encoded slash shows it: routing leaves it encoded.
    [Fact]
    public async Task An_encoded_slash_in_a_path_arrives_encoded_twice_as_the_proxy_of_the_real_host_sends_it()
    {
        await using var app = await StartAsync("names/{name}");

        using var response = await app.GetAsync("names/a%2Fb?name=a%2Fb");

        Assert.Equal("/names/a%252Fb?name=a%2Fb", (await app.Script.FirstCallAsync()).Target);
    }

    [Fact]
    public async Task Any_status_and_its_headers_are_just_the_answer()
    {
        await using var app = await StartAsync("any");
        app.Script.OnCall = _ => Task.FromResult(new HandlerAnswer
        {
            Status = 302,
            Headers = new Dictionary<string, string> { ["Location"] = "/elsewhere", ["Set-Cookie"] = "a=b", ["Content-Type"] = "text/x-strange" },
            Body = "moved",
        });

        using var response = await app.GetAsync("any");

        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal("/elsewhere", response.Headers.Location!.OriginalString);
        Assert.Equal("a=b", response.Headers.GetValues("Set-Cookie").Single());
        Assert.Equal("text/x-strange", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("moved", await response.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task A_response_is_streamed()
    {
        await using var app = await StartAsync("stream-down");
        var released = new TaskCompletionSource<HandlerAnswer>();
        app.Script.OnCall = _ => released.Task;

        using var response = await app.Http.GetAsync(new Uri(app.Host.Endpoint, "stream-down"), HttpCompletionOption.ResponseHeadersRead, Stop);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Stop));
        var first = await reader.ReadLineAsync(Stop);
        released.SetResult(HandlerAnswer.Done);

        Assert.Equal("first", first);
        Assert.Equal("second", await reader.ReadLineAsync(Stop));
    }

    [Fact]
    public async Task A_chunked_request_is_streamed()
    {
        await using var app = await StartAsync("stream-up");
        // The proxy collects a few kilobytes before it writes.
        var padding = new string('x', 64 * 1024);
        using var body = new TwoPartBody();
        var sending = app.Http.PostAsync(new Uri(app.Host.Endpoint, "stream-up"), body, Stop);

        await body.WriteAsync("first\n" + padding);
        var call = await app.Script.FirstCallAsync();
        await body.WriteAsync("end\n");
        body.End();
        using var response = await sending;

        Assert.Equal("first", call.Body);
        Assert.Equal("chunked", call.Header("Transfer-Encoding"));
        Assert.Equal(["first", padding + "end"], app.Script.Calls.Select(call => call.Body));
    }

    [Fact]
    public async Task A_handler_that_dies_during_a_request_with_a_body_makes_a_500()
    {
        await using var app = await StartAsync("any");
        app.Script.OnCall = _ => Task.FromResult(new HandlerAnswer { ExitCode = 3 });

        using var response = await app.Http.PostAsync(new Uri(app.Host.Endpoint, "any"), new StringContent("once"), Stop);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Single(app.Script.Calls);
    }

    [Fact]
    public async Task A_request_without_a_body_is_sent_again_to_the_next_process()
    {
        await using var app = await StartAsync("any");
        app.Script.OnCall = call => Task.FromResult(call.ProcessId == app.Script.Births.First().ProcessId ? new HandlerAnswer { ExitCode = 3 } : HandlerAnswer.Done);

        using var response = await app.GetAsync("any");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, app.Script.Calls.Count);
    }

    [Fact]
    public async Task Requests_that_come_while_the_handler_starts_again_wait_for_it()
    {
        await using var app = await StartAsync("any");
        var released = new TaskCompletionSource<int?>();
        app.Script.OnStart = _ => released.Task;
        app.KillHandler();
        await Eventually.HoldsAsync(() => app.Script.Births.Count == 2);

        var requests = Enumerable.Range(0, 5).Select(i => app.Http.PostAsync(new Uri(app.Host.Endpoint, "any"), new StringContent($"{i}"), Stop)).ToList();
        released.SetResult(null);
        var responses = await Task.WhenAll(requests);

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(5, app.Script.Calls.Count);
        Assert.All(app.Script.Calls, call => Assert.Equal(app.Script.Births.Last().ProcessId, call.ProcessId));
    }

    private static async Task<TestApp> StartAsync(string route) => await (await TestApp.CreateAsync()).Http1("any", route).StartAsync();

    /// <summary>A chunked body that the test writes piece by piece.</summary>
    private sealed class TwoPartBody : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _stream = new();
        private readonly TaskCompletionSource _ended = new();

        public async Task WriteAsync(string text)
        {
            var stream = await _stream.Task;
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
            await stream.FlushAsync();
        }

        public void End() => _ended.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            _stream.SetResult(stream);
            await _ended.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
