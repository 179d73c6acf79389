using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Parley.Local;
using Parley.Tests.Support;

namespace Parley.Tests.LocalRun;

/// <summary>Starting and stopping, each with an environment of its own.</summary>
public sealed partial class LifetimeTests : IDisposable
{
    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("parley-");

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_stops_every_child(string signal)
    {
        await using var environment = await LocalEnvironment.StartAsync(_place.FullName);
        var children = ReadChildren(environment);

        await environment.Program.SignalAsync(signal);
        var code = await environment.Program.WaitForExitAsync();

        Assert.Equal(0, code);
        Assert.Equal(2, children.Count);
        Assert.All(children, child => Assert.False(Signals.IsAlive(child), $"Process {child} lives on."));
        Assert.False(File.Exists(environment.Data.Settings));
    }

    [Fact]
    public async Task A_second_start_keeps_accounts_and_secret_and_fresh_drops_them()
    {
        var (port, secret) = (LoopbackPort.AnyFree(), "");
        await using (var first = await LocalEnvironment.StartAsync(_place.FullName, port))
        {
            await first.Api.ImportAsync("keeper");
            secret = first.Settings.Secret;
        }

        await using (var second = await LocalEnvironment.StartAsync(_place.FullName, port))
        {
            Assert.Equal(secret, second.Settings.Secret);
            Assert.Equal("Imported", await StatusAsync(second, "keeper"));
        }

        await using var fresh = await LocalEnvironment.StartAsync(_place.FullName, port, "--fresh");
        Assert.NotEqual(secret, fresh.Settings.Secret);
        Assert.Equal("NotImported", await StatusAsync(fresh, "keeper"));
        Assert.Equal("Imported", await StatusAsync(fresh, "alice"));
    }

    [Fact]
    public async Task A_busy_port_is_replaced_and_named_and_the_printed_curl_works_there()
    {
        using var occupant = new TcpListener(IPAddress.Loopback, 0);
        occupant.Start();
        var busy = ((IPEndPoint)occupant.LocalEndpoint).Port;

        await using var environment = await LocalEnvironment.StartAsync(_place.FullName, busy);
        var port = new Uri(environment.Settings.Api).Port;
        await Eventually.TrueAsync("the curl line", () => environment.Program.Output.Any(line => line.StartsWith("curl", StringComparison.Ordinal)), LocalProgram.Patience);
        var answer = await RunCurlAsync(environment);

        Assert.NotEqual(busy, port);
        Assert.Contains($"! Port {busy} is busy: the API is on port {port} instead.", environment.Program.Output);
        Assert.Equal(0, answer.GetProperty("ErrorCode").GetInt32());
    }

    [Fact]
    public async Task One_data_folder_serves_one_environment_at_a_time()
    {
        await using var environment = await LocalEnvironment.StartAsync(_place.FullName);

        await using var second = LocalProgram.Start(LocalEnvironment.Arguments(_place.FullName, LoopbackPort.AnyFree()));
        var code = await second.WaitForExitAsync();

        Assert.Equal(1, code);
        Assert.Contains(environment.Settings.Api, second.AllOutput, StringComparison.Ordinal);
        Assert.Equal("Imported", await StatusAsync(environment, "alice"));
    }

    [Fact]
    public async Task Closing_its_input_stops_it()
    {
        await using var environment = await LocalEnvironment.StartAsync(_place.FullName);

        environment.Program.CloseInput();

        Assert.Equal(0, await environment.Program.WaitForExitAsync());
    }

    public void Dispose() => _place.Delete(recursive: true);

    private static async Task<string?> StatusAsync(LocalEnvironment environment, string account)
    {
        var answer = await environment.Api.CallOkAsync("im_open_login_svc", "account_check", new { CheckItem = new[] { new { UserID = account } } });
        return answer.GetProperty("ResultItem")[0].GetProperty("AccountStatus").GetString();
    }

    private static List<int> ReadChildren(LocalEnvironment environment)
    {
        using var records = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(environment.Data.Path, "children.json")));
        return [.. records.RootElement.EnumerateArray().Select(record => record.GetProperty("Pid").GetInt32())];
    }

    // As a shell would read it, without the need for curl.
    private static async Task<JsonElement> RunCurlAsync(LocalEnvironment environment)
    {
        var match = CurlLine().Match(environment.Program.Output.Single(line => line.StartsWith("curl", StringComparison.Ordinal)));
        using var http = new HttpClient();
        using var body = new StringContent(match.Groups["body"].Value, null, "application/x-www-form-urlencoded");
        using var answer = await http.PostAsync(new Uri(match.Groups["url"].Value), body);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    [GeneratedRegex("^curl -s -d '(?<body>[^']*)' '(?<url>[^']*)'$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex CurlLine();
}
