using System.Net;
using System.Net.Http.Headers;

namespace Parley.Tests.FunctionsHost;

/// <summary>Only enableForwardingHttpRequest is set: what hosts do that know no proxying.</summary>
public sealed class ForwardingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_is_rebuilt_with_the_clients_host_and_repeated_query_keys_joined()
    {
        await using var app = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Host.Endpoint, "v4/open%20im/x?a=1&b=%2B&a=2"))
        {
            Content = new StringContent("text"),
        };
        request.Headers.Host = "im.example.org";
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("sdk", "1.0"));

        using var response = await app.Http.SendAsync(request, Stop);

        var call = await app.Script.FirstCallAsync();
        Assert.Equal("/v4/open%20im/x?a=1,2&b=%2B", call.Target);
        Assert.Equal("text", call.Body);
        Assert.Equal("im.example.org", call.Header("Host"));
        Assert.StartsWith("sdk/1.0 Azure-Functions-Host/", call.Header("User-Agent"), StringComparison.Ordinal);
        Assert.True(Guid.TryParse(call.Header("X-Azure-Functions-InvocationId"), out _));
        Assert.NotEmpty(call.Header("X-Azure-Functions-HostVersion"));
        Assert.Equal("text/plain; charset=utf-8", call.Header("Content-Type"));
    }

    [Fact]
    public async Task A_body_without_a_length_is_a_500_that_the_handler_never_sees()
    {
        await using var app = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Host.Endpoint, "v4/a/b")) { Content = new StringContent("text") };
        request.Headers.TransferEncodingChunked = true;

        using var response = await app.Http.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Empty(app.Script.Calls);
    }

    [Fact]
    public async Task The_answer_is_passed_on()
    {
        await using var app = await StartAsync();
        app.Script.OnCall = _ => Task.FromResult(new HandlerAnswer
        {
            Status = 418,
            Headers = new Dictionary<string, string> { ["Content-Type"] = "text/x-tea", ["X-Kind"] = "oolong" },
            Body = "short and stout",
        });

        using var response = await app.GetAsync("v4/a/b");

        Assert.Equal(418, (int)response.StatusCode);
        Assert.Equal("oolong", response.Headers.GetValues("X-Kind").Single());
        Assert.Equal("text/x-tea", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("short and stout", await response.Content.ReadAsStringAsync(Stop));
    }

    private static async Task<TestApp> StartAsync()
    {
        var app = (await TestApp.CreateAsync()).HostJson(customHandler: "\"enableForwardingHttpRequest\": true");
        return await app.Http1("rest", "v4/{service}/{command}").StartAsync();
    }
}
