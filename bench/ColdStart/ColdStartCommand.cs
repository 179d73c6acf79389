using System.Diagnostics;
using System.Text.Json.Nodes;
using Parley.Bench.Reporting;
using Parley.Bench.Setup;

namespace Parley.Bench.ColdStart;

/// <summary>
/// Starts the native and the JIT handler in turns against one running storage and SignalR, with accounts and a conversation that exist,
/// and measures the time from the start of the process to the answer of the first message.
/// </summary>
internal sealed class ColdStartCommand(BenchLine line, Report report, HttpClient http)
{
    private const double TargetMilliseconds = 100;
    private const double Mebibyte = 1024 * 1024;
    private const string From = "bob";
    private const string To = "alice";

    private uint _number;

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var native = AppProcess.Folder(line.NativeFolder ?? await Publication.NativeAsync(cancellation));
        var jit = AppProcess.Folder(line.JitFolder ?? await Publication.JitAsync(cancellation));
        await using var environment = await BenchEnvironment.StartAsync(countsTables: false, cancellation);
        await PrepareAsync(native, environment, cancellation);

        // One start of each is not counted: it brings the files into memory, and this program's own code with them.
        await MeasureAsync(native, environment, cancellation);
        await MeasureAsync(jit, environment, cancellation);
        var (natives, jits) = (new List<ColdStartSample>(), new List<ColdStartSample>());
        for (var run = 1; run <= line.Runs; run++)
        {
            Report.Progress($"Start {run} of {line.Runs} ...");
            natives.Add(await MeasureAsync(native, environment, cancellation));
            jits.Add(await MeasureAsync(jit, environment, cancellation));
        }

        Show(natives, jits);
        return 0;
    }

    private async Task PrepareAsync(string folder, BenchEnvironment environment, CancellationToken cancellation)
    {
        await using var process = await AppProcess.StartAsync(folder, environment, cancellation);
        var api = new ParleyApi(http, process.Address, environment.App);
        await api.ImportAsync([From, To], cancellation);
        await api.SendAsync(ParleyApi.Message(From, To, ++_number), cancellation);
    }

    private async Task<ColdStartSample> MeasureAsync(string folder, BenchEnvironment environment, CancellationToken cancellation)
    {
        await using var process = AppProcess.Launch(folder, environment);
        var api = new ParleyApi(http, process.Address, environment.App);
        await process.WhenAnswersAsync(http, line.ReadyPoll, cancellation);
        var ready = Stopwatch.GetElapsedTime(process.LaunchedAt);
        await api.SendAsync(ParleyApi.Message(From, To, ++_number), cancellation);
        var stored = Stopwatch.GetElapsedTime(process.LaunchedAt);
        var figures = process.Figures();
        return new ColdStartSample(ready.TotalMilliseconds, stored.TotalMilliseconds, figures.CpuSeconds * 1000, figures.ResidentBytes);
    }

    private void Show(List<ColdStartSample> natives, List<ColdStartSample> jits)
    {
        var (native, jit) = (Stored(natives), Stored(jits));
        var ratio = jit.Median / native.Median;
        report.Table(
            $"Cold start: process start to first stored message answered, {line.Runs} starts each in turns, ready check every {line.ReadyPoll.TotalMilliseconds} ms",
            ["", "min ms", "median ms", "max ms", "ready ms", "CPU ms", "resident MB"],
            [Row("native", natives), Row("JIT", jits), Ratios(natives, jits)]);
        report.Verdict($"native, median: {Distribution.Text(native.Median)} ms of at most {TargetMilliseconds} ms", native.Median <= TargetMilliseconds);
        report.Figures["coldStart"] = new JsonObject
        {
            ["runs"] = line.Runs,
            ["readyPollMs"] = line.ReadyPoll.TotalMilliseconds,
            ["native"] = ToJson(natives),
            ["jit"] = ToJson(jits),
            ["ratioOfMedians"] = Math.Round(ratio, 2),
            ["targetMs"] = TargetMilliseconds,
            ["isMet"] = native.Median <= TargetMilliseconds,
        };
    }

    private static string[] Row(string name, List<ColdStartSample> samples)
    {
        var stored = Stored(samples);
        return
        [
            name, Distribution.Text(stored.Min), Distribution.Text(stored.Median), Distribution.Text(stored.Max),
            Distribution.Text(Ready(samples).Median), Distribution.Text(Cpu(samples).Median), Distribution.Text(Resident(samples).Median),
        ];
    }

    private static string[] Ratios(List<ColdStartSample> natives, List<ColdStartSample> jits)
    {
        return
        [
            "JIT / native", Text(Stored, found => found.Min), Text(Stored, found => found.Median), Text(Stored, found => found.Max),
            Text(Ready, found => found.Median), Text(Cpu, found => found.Median), Text(Resident, found => found.Median),
        ];

        string Text(Func<List<ColdStartSample>, Distribution> figure, Func<Distribution, double> value) =>
            Distribution.Text(value(figure(jits)) / value(figure(natives)), 1);
    }

    private static Distribution Stored(List<ColdStartSample> samples) => new(samples.Select(sample => sample.StoredMilliseconds));

    private static Distribution Ready(List<ColdStartSample> samples) => new(samples.Select(sample => sample.ReadyMilliseconds));

    private static Distribution Cpu(List<ColdStartSample> samples) => new(samples.Select(sample => sample.CpuMilliseconds));

    private static Distribution Resident(List<ColdStartSample> samples) => new(samples.Select(sample => sample.ResidentBytes / Mebibyte));

    private static JsonObject ToJson(List<ColdStartSample> samples) => new()
    {
        ["storedMs"] = Stored(samples).ToJson(),
        ["readyMs"] = Ready(samples).ToJson(),
        ["cpuMs"] = Cpu(samples).ToJson(),
        ["residentMB"] = Resident(samples).ToJson(),
    };
}
