using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Parley.Apps;
using Parley.Callbacks;
using Parley.Rest;
using Parley.Statistics;
using Parley.Telemetry;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>Single calls of receivers, good and bad ones, and of addresses that callbacks may not go to.</summary>
public sealed class CallbackClientTests
{
    /// <summary>A time limit that passes while a test runs may be kept or missed by a busy computer.</summary>
    private const int TriesWithTime = 5;

    private static readonly CallbackCommand Command = CallbackCommands.BeforeSendMessage;
    private static readonly CallbacksOptions Private = new() { AllowsPrivateAddresses = true };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> InnerAddresses =>
    [
        "http://127.0.0.1:{0}/", "http://localhost:{0}/", "http://[::1]:{0}/", "http://[::ffff:127.0.0.1]:{0}/", "http://0.0.0.0:{0}/", "http://127.1:{0}/",
        "http://2130706433:{0}/", "http://10.0.0.1/", "http://172.16.3.4/", "http://192.168.1.1/", "http://169.254.169.254/", "http://[fe80::1]/", "http://[fd00::1]/",
        "http://[::ffff:169.254.169.254]/", "http://168.63.129.16/", "http://100.64.0.1/", "http://[64:ff9b::7f00:1]/",
    ];

    [Fact]
    public async Task A_request_has_the_documented_query_and_headers_and_the_body_as_it_is()
    {
        await using var receiver = await CallbackReceiver.StartAsync();
        using var client = ClientOf(Private);
        var app = AppOf(receiver.Url) with { CallbackToken = "a token of the tests" };
        var body = """{"CallbackCommand":"C2C.CallbackBeforeSendMsg","Text":"你好 & \"quoted\""}"""u8.ToArray();

        var answer = await client.SendAsync(app, CallOf() with { Body = body, Origin = new CallOrigin("2001:db8::7", "iOS"), Id = "the-id", Attempt = 3 }, Stop);

        Assert.True(answer.IsAnswered, answer.Reason);
        var received = Assert.Single(receiver.Received);
        Assert.Equal(("POST", "/im-hook"), (received.Method, received.Path));
        Assert.Equal(["SdkAppid", "CallbackCommand", "contenttype", "ClientIP", "OptPlatform", "Sign", "RequestTime"], received.Query.Keys);
        Assert.Equal("1400000009", received.Query["SdkAppid"]);
        Assert.Equal("C2C.CallbackBeforeSendMsg", received.Query["CallbackCommand"]);
        Assert.Equal("json", received.Query["contenttype"]);
        Assert.Equal("2001:db8::7", received.Query["ClientIP"]);
        Assert.Equal("iOS", received.Query["OptPlatform"]);
        var time = long.Parse(received.Query["RequestTime"], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"a token of the tests{time}"))), received.Query["Sign"]);
        var hmac = HMACSHA256.HashData("a token of the tests"u8, [.. Encoding.UTF8.GetBytes($"{time}."), .. body]);
        Assert.Equal($"t={time},v1={Convert.ToHexStringLower(hmac)}", received.Headers["X-Parley-Signature"]);
        Assert.Equal("application/json", received.Headers["Content-Type"]);
        Assert.Equal(("the-id", 3), (received.Id, received.Attempt));
        Assert.Equal(body, received.RawBody);
    }

    [Fact]
    public async Task Without_a_token_nothing_is_signed_and_connections_are_kept()
    {
        await using var receiver = await CallbackReceiver.StartAsync();
        using var client = ClientOf(Private);

        await client.SendAsync(AppOf(receiver.Url), CallOf(), Stop);

        var received = Assert.Single(receiver.Received);
        Assert.Equal(["SdkAppid", "CallbackCommand", "contenttype", "ClientIP", "OptPlatform"], received.Query.Keys);
        Assert.DoesNotContain("X-Parley-Signature", received.Headers.Keys);
        Assert.DoesNotContain("X-Forwarded-For", received.Headers.Keys);
        Assert.DoesNotContain("close", received.Headers.GetValueOrDefault("Connection", ""), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(0, CallbackOutcome.Answered)]
    [InlineData(1_900, CallbackOutcome.Answered)]
    [InlineData(2_100, CallbackOutcome.TimedOut)]
    public async Task An_answer_counts_if_it_comes_within_two_seconds(int delay, CallbackOutcome expected)
    {
        await using var receiver = await CallbackReceiver.StartAsync();
        receiver.Script = _ => CallbackReply.Ok.After(delay);
        using var client = ClientOf(Private);

        var outcomes = new List<CallbackOutcome>();
        while (outcomes.Count < TriesWithTime && !outcomes.Contains(expected))
        {
            outcomes.Add((await client.SendAsync(AppOf(receiver.Url), CallOf(), Stop)).Outcome);
        }

        Assert.Contains(expected, outcomes);
    }

    [Fact]
    public async Task Bad_answers_are_failures_and_nothing_is_called_twice()
    {
        await using var receiver = await CallbackReceiver.StartAsync();
        using var client = ClientOf(Private);
        (CallbackReply Reply, CallbackOutcome Outcome)[] expected =
        [
            (CallbackReply.Error, CallbackOutcome.BadStatus),
            (CallbackReply.Garbage, CallbackOutcome.BadBody),
            (CallbackReply.Json(""), CallbackOutcome.BadBody),
            (CallbackReply.Json("[]"), CallbackOutcome.BadBody),
            (CallbackReply.Json("{\"ErrorCode\":0"), CallbackOutcome.BadBody),
            (CallbackReply.Json("{\"ErrorInfo\":\"\\ud800\",\"ErrorCode\":0}"), CallbackOutcome.BadBody),
            (CallbackReply.Json("""{"ActionStatus":"OK"}"""), CallbackOutcome.BadBody),
            (CallbackReply.Json("""{"ActionStatus":"OK","ErrorCode":"none"}"""), CallbackOutcome.BadBody),
            (CallbackReply.Huge(hasLength: true), CallbackOutcome.TooLarge),
            (CallbackReply.Huge(hasLength: false), CallbackOutcome.TooLarge),
            (CallbackReply.Redirect(receiver.Url), CallbackOutcome.BadStatus),
            (CallbackReply.Redirect("http://169.254.169.254/metadata/instance"), CallbackOutcome.BadStatus),
            (CallbackReply.Code(0), CallbackOutcome.Answered),
            (CallbackReply.Code(1), CallbackOutcome.Answered),
        ];

        foreach (var (reply, outcome) in expected)
        {
            receiver.Script = _ => reply;
            var before = receiver.Received.Count;
            var answer = await client.SendAsync(AppOf(receiver.Url), CallOf() with { Timeout = TimeSpan.FromSeconds(30) }, Stop);
            Assert.Equal((Encoding.UTF8.GetString(reply.Body.AsSpan(0, Math.Min(80, reply.Body.Length))), outcome), (Encoding.UTF8.GetString(reply.Body.AsSpan(0, Math.Min(80, reply.Body.Length))), answer.Outcome));
            Assert.Equal(before + 1, receiver.Received.Count);
        }
    }

    [Fact]
    public async Task Nobody_there_is_a_failure()
    {
        using var client = ClientOf(Private);

        var answer = await client.SendAsync(AppOf($"http://127.0.0.1:{Local.LoopbackPort.AnyFree()}/"), CallOf(), Stop);

        Assert.Equal(CallbackOutcome.Unreachable, answer.Outcome);
    }

    [Theory]
    [MemberData(nameof(InnerAddresses))]
    public async Task Callbacks_do_not_go_to_addresses_inside_unless_the_deployment_allows_it(string url)
    {
        await using var receiver = await CallbackReceiver.StartAsync();
        using var client = ClientOf(new CallbacksOptions());

        var answer = await client.SendAsync(AppOf(url.Replace("{0}", $"{new Uri(receiver.Url).Port}", StringComparison.Ordinal)), CallOf(), Stop);

        Assert.Equal(CallbackOutcome.Forbidden, answer.Outcome);
        Assert.Empty(receiver.Received);
    }

    [Theory]
    [InlineData("http://169.254.169.254/")]
    [InlineData("http://[::ffff:169.254.169.254]/")]
    [InlineData("http://168.63.129.16/")]
    [InlineData("http://0.0.0.0/")]
    public async Task The_platforms_own_services_are_out_of_reach_all_the_same(string url)
    {
        using var client = ClientOf(Private);

        Assert.Equal(CallbackOutcome.Forbidden, (await client.SendAsync(AppOf(url), CallOf(), Stop)).Outcome);
    }

    [Theory]
    [InlineData("*", true)]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST", true)]
    [InlineData("hooks.example.org,localhost", true)]
    [InlineData("hooks.example.org", false)]
    [InlineData("*.localhost", false)]
    [InlineData("*.example.org", false)]
    public async Task Callbacks_go_to_hosts_on_the_list_only(string allowed, bool isAllowed)
    {
        await using var receiver = await CallbackReceiver.StartAsync();
        using var client = ClientOf(new CallbacksOptions { AllowsPrivateAddresses = true, AllowedHosts = allowed });

        var answer = await client.SendAsync(AppOf(receiver.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)), CallOf(), Stop);

        Assert.Equal(isAllowed ? CallbackOutcome.Answered : CallbackOutcome.Forbidden, answer.Outcome);
    }

    [Fact]
    public async Task Plain_http_can_be_forbidden()
    {
        await using var receiver = await CallbackReceiver.StartAsync();
        using var client = ClientOf(new CallbacksOptions { AllowsPrivateAddresses = true, AllowsPlainHttp = false });

        Assert.Equal(CallbackOutcome.Forbidden, (await client.SendAsync(AppOf(receiver.Url), CallOf(), Stop)).Outcome);
        Assert.Empty(receiver.Received);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await using var receiver = await CallbackReceiver.StartAsync(certificate);
        using var client = ClientOf(Private);

        var answer = await client.SendAsync(AppOf(receiver.Url), CallOf() with { Timeout = TimeSpan.FromSeconds(30) }, Stop);

        Assert.Equal(CallbackOutcome.Unreachable, answer.Outcome);
        Assert.Contains("TLS", answer.Reason, StringComparison.Ordinal);
        Assert.Empty(receiver.Received);
    }

    [Theory]
    [InlineData("https://hooks.example.org/im-hook", true)]
    [InlineData("http://203.0.113.7", true)]
    [InlineData("https://[2001:db8::1]:8443/a/b", true)]
    [InlineData("ftp://hooks.example.org/", false)]
    [InlineData("hooks.example.org", false)]
    [InlineData("https://hooks.example.org/?a=1", false)]
    [InlineData("https://hooks.example.org/a&b", false)]
    [InlineData("https://hooks.example.org/a$b", false)]
    [InlineData("https://hooks.example.org/a!b", false)]
    [InlineData("https://hooks.example.org/a b", false)]
    [InlineData("https://hooks.example.org/a#b", false)]
    [InlineData("https://user:secret@hooks.example.org/", false)]
    [InlineData("https://", false)]
    public void A_URL_is_http_or_https_without_a_query_of_its_own(string url, bool isValid) => Assert.Equal(isValid, CallbackUrl.IsValid(url));

    private static CallbackClient ClientOf(CallbacksOptions options)
    {
        var wrapped = Options.Create(options);
        var services = new ServiceCollection().AddMetrics().AddSingleton(TimeProvider.System).AddSingleton<DailyStatistics>().AddSingleton<ParleyMetrics>().AddSingleton<CallbackRecord>();
        return new CallbackClient(new CallbackAddresses(wrapped), wrapped, services.BuildServiceProvider().GetRequiredService<CallbackRecord>(), TimeProvider.System);
    }

    private static App AppOf(string url) => new() { SdkAppId = 1400000009, Secrets = ["secret"], Admins = ["administrator"], CallbackUrl = url };

    private static CallbackCall CallOf() =>
        new(Command, "id", 1, """{"CallbackCommand":"C2C.CallbackBeforeSendMsg"}"""u8.ToArray(), CallOrigin.Unknown, TimeSpan.FromSeconds(2));
}
