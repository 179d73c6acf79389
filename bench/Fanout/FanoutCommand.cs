using System.Text.Json.Nodes;
using Parley.Bench.Reporting;
using Parley.Bench.Setup;

namespace Parley.Bench.Fanout;

/// <summary>Times messages to a group until the last of its connected members has them.</summary>
internal sealed class FanoutCommand(BenchLine line, Report report)
{
    private const double Megabyte = 1024 * 1024;

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var folder = AppProcess.Folder(line.AppFolder);
        await using var environment = await BenchEnvironment.StartAsync(countsTables: false, cancellation);
        await using var process = await AppProcess.StartAsync(folder, environment, cancellation);
        using var http = new HttpClient();
        await using var run = new FanoutRun(line, environment, new ParleyApi(http, process.Address, environment.App));
        var times = await run.RunAsync(cancellation);
        return Show(folder, times, run.Sends, process.Figures().PeakResidentBytes / Megabyte) ? 0 : 1;
    }

    private bool Show(string folder, IReadOnlyList<FanoutTimes> times, IReadOnlyList<FanoutSend> sends, double peak)
    {
        (string Name, string Key, Distribution Times)[] rows =
        [
            ("send to answer", "sendToAnswerMs", new Distribution(times.Select(time => time.ToAnswer))),
            ("send to the first member", "sendToFirstMs", new Distribution(times.Select(time => time.ToFirst))),
            ("send to half of them", "sendToHalfMs", new Distribution(times.Select(time => time.ToHalf))),
            ("send to the last member", "sendToLastMs", new Distribution(times.Select(time => time.ToLast))),
        ];
        report.Table(
            $"{line.Sends} messages to a group of {line.Listeners} connected members, {folder}",
            ["ms", "min", "p50", "p90", "max"],
            [.. rows.Select(row => Row(row.Name, row.Times))]);
        var (heard, repeated, least) = (sends.Sum(send => (long)send.Heard), sends.Sum(send => (long)send.Repeated), sends.Min(send => send.Heard));
        report.Line($"Heard: {heard} of {(long)line.Sends * line.Listeners}, the worst message by {least} of {line.Listeners}; twice: {repeated}. The handler's peak memory: {Distribution.Text(peak)} MB.");
        var isClean = least == line.Listeners && repeated == 0;
        report.Verdict("every member heard every message once", isClean);
        var figures = new JsonObject
        {
            ["listeners"] = line.Listeners,
            ["sends"] = line.Sends,
            ["heard"] = heard,
            ["leastHeard"] = least,
            ["repeated"] = repeated,
            ["handlerPeakMB"] = Math.Round(peak, 1),
            ["isClean"] = isClean,
        };
        foreach (var (_, key, distribution) in rows)
        {
            figures[key] = distribution.ToJson();
        }

        report.Figures["groupFanout"] = figures;
        return isClean;
    }

    private static string[] Row(string name, Distribution times) =>
    [
        name, Distribution.Text(times.Min, 1), Distribution.Text(times.Median, 1), Distribution.Text(times.Percentile(90), 1), Distribution.Text(times.Max, 1),
    ];
}
