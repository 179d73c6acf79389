using Parley.Bench;
using Parley.Bench.Capacity;
using Parley.Bench.ColdStart;
using Parley.Bench.Cost;
using Parley.Bench.Fanout;
using Parley.Bench.Load;
using Parley.Bench.Reporting;
using Parley.Local;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) =>
{
    key.Cancel = true;
    stop.Cancel();
};
try
{
    using var http = new HttpClient();
    var line = BenchLine.Parse(args);
    var report = new Report();
    var code = line.Command switch
    {
        "cold-start" => await new ColdStartCommand(line, report, http).RunAsync(stop.Token),
        "cost" => await new CostCommand(line, report).RunAsync(stop.Token),
        "load" => await new LoadCommand(line, report).RunAsync(stop.Token),
        "group-fanout" => await new FanoutCommand(line, report).RunAsync(stop.Token),
        "capacity" => new CapacityCommand(line, report).Run(),
        "help" or "" => Help(),
        _ => throw new BenchException($"Unknown command '{line.Command}'. See --help."),
    };
    await report.WriteJsonAsync(line.JsonFile, stop.Token);
    return code;
}
catch (Exception e) when (e is BenchException or StartFailedException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}

static int Help()
{
    Console.Out.Write(BenchLine.Usage);
    return 0;
}
