using System.Text.Json.Nodes;
using Parley.Bench.Reporting;
using Parley.Bench.Setup;
using Parley.Local;
using Parley.Storage;

namespace Parley.Bench.Load;

/// <summary>A closed-loop load of one-to-one messages, next to the speed of storage alone in the same run.</summary>
internal sealed class LoadCommand(BenchLine line, Report report)
{
    private const int MostMegabytes = 150;
    private const double Megabyte = 1024 * 1024;

    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var folder = AppProcess.Folder(line.AppFolder);
        await using var environment = await BenchEnvironment.StartAsync(line.IsCounted, cancellation);
        await using var process = line.IsDirect
            ? await AppProcess.StartAsync(folder, environment, cancellation)
            : await AppProcess.StartHostedAsync(folder, environment, cancellation);
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
        await using var run = new LoadRun(line, environment, process, http);
        var load = await run.RunAsync(cancellation);

        Report.Progress("Reading the history back ...");
        var history = await HistoryCheck.RunAsync(run.Api, run.Senders, cancellation);
        Report.Progress("Measuring storage alone ...");
        var sender = run.Senders[0];
        var like = (new AccountKey(DemoApp.SdkAppId, sender.Account), sender.Acknowledged[^1].Receiver);
        var transactions = (long)Math.Ceiling(load.Messages * load.TransactionsPerMessage);
        var raw = await RawStorage.MeasureAsync(environment, like, line.Senders * 2, transactions, line.Duration, cancellation);

        ShowSpeed(folder, load, raw);
        return ShowFaults(run, load, history) ? 0 : 1;
    }

    private void ShowSpeed(string folder, LoadResult load, RawStorage raw)
    {
        var path = line.IsDirect ? "called directly" : "behind the Functions host stand-in";
        report.Table(
            $"{line.Senders} senders, {line.Receivers} receivers, {line.Duration.TotalSeconds} s, {folder}, {path}",
            ["ms", "p50", "p90", "p99", "max"],
            [Row("send to answer", load.ToAnswer), Row("send to receive", load.ToReceive)]);
        var perSecond = load.PerSecond * load.TransactionsPerMessage;
        var peak = load.PeakResidentBytes / Megabyte;
        string[][] rows =
        [
            ["messages", $"{load.Messages}"],
            ["messages / s", Distribution.Text(load.PerSecond)],
            ["handler CPU s / 1,000 messages", Distribution.Text(load.CpuSecondsPerThousand, 2)],
            ["handler peak memory MB", Distribution.Text(peak)],
            [load.TableRequests > 0 ? "storage transactions / message, counted" : "storage transactions / message, as designed", Distribution.Text(load.TransactionsPerMessage, 2)],
            ["storage transactions / s, of the app", Distribution.Text(perSecond)],
            [$"storage transactions / s, Azurite alone ({raw.Transactions})", Distribution.Text(raw.PerSecond)],
            ["app / Azurite alone", Distribution.Text(perSecond / raw.PerSecond, 2)],
        ];
        report.Table("Throughput and cost", ["", "value"], rows);
        report.Verdict($"peak memory: {Distribution.Text(peak)} MB of at most {MostMegabytes} MB", peak <= MostMegabytes);
        report.Figures["load"] = new JsonObject
        {
            ["senders"] = line.Senders,
            ["receivers"] = line.Receivers,
            ["isDirect"] = line.IsDirect,
            ["isCounted"] = line.IsCounted,
            ["seconds"] = Math.Round(load.Elapsed.TotalSeconds, 2),
            ["messages"] = load.Messages,
            ["messagesPerSecond"] = Math.Round(load.PerSecond, 1),
            ["sendToAnswerMs"] = load.ToAnswer.ToJson(),
            ["sendToReceiveMs"] = load.ToReceive.ToJson(),
            ["handlerCpuSecondsPer1000"] = Math.Round(load.CpuSecondsPerThousand, 3),
            ["handlerPeakMB"] = Math.Round(peak, 1),
            ["transactionsPerMessage"] = Math.Round(load.TransactionsPerMessage, 3),
            ["transactionsPerSecond"] = Math.Round(perSecond, 1),
            ["azuriteAloneTransactions"] = raw.Transactions,
            ["azuriteAlonePerSecond"] = Math.Round(raw.PerSecond, 1),
            ["ratioToAzuriteAlone"] = Math.Round(perSecond / raw.PerSecond, 3),
        };
    }

    private bool ShowFaults(LoadRun run, LoadResult load, HistoryCheck history)
    {
        var failures = run.Senders.Sum(sender => sender.Failures);
        (string Name, long Count)[] faults =
        [
            ("acknowledged, not in the receiver's history", history.Lost),
            ("twice in the receiver's history", history.Duplicates),
            ("acknowledged, not received on the connection", load.NotReceived),
            ("numbers missing on the connection", run.Receivers.Sum(receiver => receiver.Gaps)),
            ("received twice", run.Receivers.Sum(receiver => receiver.Duplicates)),
            ("received out of order", run.Receivers.Sum(receiver => receiver.OutOfOrder)),
        ];
        report.Table("Faults, of all receivers", ["", "messages"], [.. faults.Select(fault => new[] { fault.Name, $"{fault.Count}" })]);
        if (failures > 0)
        {
            report.Line($"{failures} messages were not acknowledged. The first: {run.Senders.First(sender => sender.FirstFailure is not null).FirstFailure}");
        }

        var isClean = failures == 0 && Array.TrueForAll(faults, fault => fault.Count == 0);
        report.Verdict("nothing lost, duplicated, out of order or refused", isClean);
        var counts = new JsonObject { ["notAcknowledged"] = failures, ["isClean"] = isClean };
        foreach (var (name, count) in faults)
        {
            counts[name] = count;
        }

        report.Figures["faults"] = counts;
        return isClean;
    }

    private static string[] Row(string name, Distribution times) =>
    [
        name, Distribution.Text(times.Median, 1), Distribution.Text(times.Percentile(90), 1), Distribution.Text(times.Percentile(99), 1), Distribution.Text(times.Max, 1),
    ];
}
