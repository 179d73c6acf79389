using System.Text.Json.Nodes;
using Parley.Bench.Reporting;
using Parley.Bench.Setup;

namespace Parley.Bench.Cost;

/// <summary>Counts storage transactions and SignalR calls per message. Counts do not depend on how fast or busy the computer is.</summary>
/// <remarks>The handler runs alone, without the host's timer and queue trigger, so all that is counted is the messages' own.</remarks>
internal sealed class CostCommand(BenchLine line, Report report)
{
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var folder = AppProcess.Folder(line.AppFolder);
        await using var environment = await BenchEnvironment.StartAsync(countsTables: true, cancellation);
        await using var process = await AppProcess.StartAsync(folder, environment, cancellation);
        using var http = new HttpClient();
        var fresh = new FreshInstance(folder, environment, http);
        var api = new ParleyApi(http, process.Address, environment.App);
        var cases = new CostCases(api, fresh, line.Messages).All()
            .Concat(new GroupCases(new GroupApi(api), line.Messages, line.Members).All())
            .Where(item => item.Name.Contains(line.Cases, StringComparison.OrdinalIgnoreCase));
        var meter = new CostMeter(environment);
        var results = new List<CostResult>();
        foreach (var item in cases)
        {
            Report.Progress($"{item.Name} ...");
            results.Add(await meter.MeasureAsync(item, cancellation));
        }

        if (results.Count == 0)
        {
            throw new BenchException($"No case has '{line.Cases}' in its name.");
        }

        report.Table(
            "Cost per message, on average",
            ["", "messages", "batches", "writes", "reads", "transactions", "target", "SignalR calls", "target", ""],
            [.. results.Select(result => result.ToRow())]);
        var isMet = results.TrueForAll(result => result.IsMet);
        report.Verdict("all targets", isMet);
        report.Figures["cost"] = new JsonObject { ["cases"] = new JsonArray([.. results.Select(result => result.ToJson())]), ["isMet"] = isMet };
        return isMet ? 0 : 1;
    }
}
