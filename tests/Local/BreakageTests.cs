using System.Text.Json;
using Parley.Local;
using Parley.Tests.Support;

namespace Parley.Tests.LocalRun;

/// <summary>What is missing or dies is said, and nothing hangs or is left behind.</summary>
public sealed class BreakageTests : IDisposable
{
    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("parley-");

    [Fact]
    public async Task A_missing_Node_is_said_with_what_to_install()
    {
        var nothing = _place.CreateSubdirectory("empty").FullName;

        await using var program = LocalProgram.Start(Arguments(), new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = nothing });
        var code = await program.WaitForExitAsync();

        Assert.Equal(1, code);
        Assert.Contains("Node.js was not found", program.AllOutput, StringComparison.Ordinal);
        Assert.Contains("Install Node.js 20 or newer", program.AllOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_folder_without_an_app_is_said()
    {
        var nothing = _place.CreateSubdirectory("empty").FullName;

        await using var program = LocalProgram.Start(["--data", _place.FullName, "--app", nothing]);
        var code = await program.WaitForExitAsync();

        Assert.Equal(1, code);
        Assert.Contains("holds no host.json", program.AllOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_option_ends_with_code_2()
    {
        await using var program = LocalProgram.Start("--frehs");

        Assert.Equal(2, await program.WaitForExitAsync());
        Assert.Contains("--frehs", program.AllOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_Azurite_dies_everything_else_is_stopped_and_said()
    {
        await using var environment = await LocalEnvironment.StartAsync(_place.FullName);
        var (azurite, handler) = (Azurite(environment), environment.Settings.HandlerPid);

        await Signals.SendAsync(azurite, "KILL");
        var code = await environment.Program.WaitForExitAsync();

        Assert.Equal(1, code);
        Assert.Contains(environment.Program.Output, line => line.StartsWith("✗ Azurite, the storage emulator, ended with code 137", StringComparison.Ordinal));
        Assert.False(Signals.IsAlive(handler));
        Assert.False(File.Exists(environment.Data.Settings));
    }

    [Fact]
    public async Task A_killed_handler_is_started_again_and_given_up_after_the_allowed_crashes()
    {
        await using var environment = await LocalEnvironment.StartAsync(_place.FullName, port: null, "--max-crashes", "2");
        var azurite = Azurite(environment);

        await environment.WaitForHandlerAsync(await environment.KillHandlerAsync());
        await environment.Api.ImportAsync("afterwards");
        await environment.KillHandlerAsync();
        var code = await environment.Program.WaitForExitAsync();

        Assert.Equal(1, code);
        Assert.Contains(environment.Program.Output, line => line.Contains("It is started again.", StringComparison.Ordinal));
        Assert.Contains(environment.Program.Output, line => line.StartsWith("✗ The handler ended with code 137", StringComparison.Ordinal));
        Assert.False(Signals.IsAlive(azurite));
    }

    [Fact]
    public async Task After_a_kill_nothing_stays_and_the_next_start_works_with_the_same_data()
    {
        await using var killed = await LocalEnvironment.StartAsync(_place.FullName);
        await killed.Api.ImportAsync("survivor");
        var (azurite, handler) = (Azurite(killed), killed.Settings.HandlerPid);

        await killed.Program.SignalAsync("KILL");
        await killed.Program.WaitForExitAsync();
        await using var next = await LocalEnvironment.StartAsync(_place.FullName);
        var check = await next.Api.CallOkAsync("im_open_login_svc", "account_check", new { CheckItem = new[] { new { UserID = "survivor" } } });

        Assert.Equal("Imported", check.GetProperty("ResultItem")[0].GetProperty("AccountStatus").GetString());
        Assert.False(Signals.IsAlive(azurite));
        await Eventually.TrueAsync("the end of the orphaned handler", () => !Signals.IsAlive(handler), LocalProgram.Patience);
    }

    public void Dispose() => _place.Delete(recursive: true);

    private IEnumerable<string> Arguments() => LocalEnvironment.Arguments(_place.FullName, LoopbackPort.AnyFree());

    private static int Azurite(LocalEnvironment environment)
    {
        using var records = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(environment.Data.Path, "children.json")));
        return records.RootElement[0].GetProperty("Pid").GetInt32();
    }
}
