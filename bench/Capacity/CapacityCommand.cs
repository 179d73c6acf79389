using System.Globalization;
using System.Text.Json.Nodes;
using Parley.Bench.Reporting;

namespace Parley.Bench.Capacity;

/// <summary>Works out what deployments of several sizes need, draws such a load, and compares. Nothing is run or measured.</summary>
internal sealed class CapacityCommand(BenchLine line, Report report)
{
    private const double Tolerance = 0.1;

    // One storage account by chance gets the busiest accounts; what is above this needs another look at how partitions are spread.
    private const double MostOfHottest = 1.3;

    private static readonly double[] Sizes = [1e3, 1e5, 1e7, 1e8];

    public int Run()
    {
        var sizes = line.Accounts > 0 ? [line.Accounts] : Sizes;
        var work = line.Assumptions.Aggregate(new Workload(), (known, assumption) => known.With(assumption));
        var models = sizes.Select(accounts => new CapacityModel(work with { Accounts = accounts })).ToList();
        ShowNeeds(models);
        ShowCosts(models);
        var checks = models.SelectMany(Check).ToList();
        report.Table("Drawn against the formulas", ["", "accounts", "formula", "drawn", "ratio", ""], [.. checks.Select(check => check.ToRow())]);
        var isMet = checks.TrueForAll(check => check.IsMet);
        report.Verdict("all ratios within bounds", isMet);
        report.Figures["capacity"] = new JsonObject { ["checks"] = new JsonArray([.. checks.Select(check => check.ToJson())]), ["isMet"] = isMet };
        return isMet ? 0 : 1;
    }

    private IEnumerable<CapacityCheck> Check(CapacityModel model)
    {
        Report.Progress($"{Text(model.Work.Accounts)} accounts ...");
        var draws = new Draws(line.Seed);
        var day = new DaySimulation(model.Work, draws);
        day.Run();
        var conversations = new ConversationSimulation(model, draws);
        conversations.Run();
        var groups = new GroupSimulation(model, draws);
        groups.Run();
        var shards = new ShardSimulation(model, draws);
        shards.Run();
        var accounts = model.Work.Accounts;
        var transactions = (day.Messages * conversations.TransactionsPerMessage) + (day.GroupMessages * groups.TransactionsPerMessage) + model.OtherTransactionsPerDay;
        return
        [
            CapacityCheck.Ratio("messages a day", accounts, model.MessagesPerDay + model.GroupMessagesPerDay, day.Messages + day.GroupMessages, Tolerance),
            CapacityCheck.Ratio("messages/s, busiest minute", accounts, (model.MessageRate + model.GroupMessageRate) / model.Work.Surge, day.BusiestMinute, Tolerance + Noise(model)),
            CapacityCheck.Ratio("transactions of a message", accounts, model.TransactionsPerMessage, conversations.TransactionsPerMessage, Tolerance),
            CapacityCheck.Ratio("transactions of a group message", accounts, model.TransactionsPerGroupMessage, groups.TransactionsPerMessage, Tolerance + Noise(model)),
            CapacityCheck.Ratio("transactions a day", accounts, model.TransactionsPerDay, transactions, Tolerance),
            CapacityCheck.Ratio("bytes a day", accounts, model.BytesPerDay, day.Bytes, Tolerance),
            CapacityCheck.Ratio("SignalR messages a day", accounts, model.SignalRMessagesPerDay, day.SignalRMessages, Tolerance + NoiseOfSizes(model)),
            CapacityCheck.AtMost("busiest storage account / mean", accounts, MostOfHottest, shards.HottestAccount),
            CapacityCheck.AtMost("transactions/s, busiest storage account", accounts, ServiceLimits.AccountTransactions, shards.HottestAccountRate),
            CapacityCheck.AtMost("rows/s, busiest account's partition", accounts, ServiceLimits.PartitionEntities, shards.HottestPartition),
        ];
    }

    // A few large groups have much of it.
    private static double NoiseOfSizes(CapacityModel model) => 10 / Math.Sqrt(model.GroupMessagesPerDay);

    // Few messages a minute scatter by their number.
    private static double Noise(CapacityModel model) => 5 / Math.Sqrt(Math.Max(1, (model.MessageRate + model.GroupMessageRate) * 60));

    private void ShowNeeds(IReadOnlyList<CapacityModel> models) => report.Table("What is needed", ["", .. models.Select(model => $"{Text(model.Work.Accounts)} accounts")],
    [
        Row("active accounts a day", models, model => model.Work.Daily),
        Row("messages a day", models, model => model.MessagesPerDay),
        Row("group messages a day", models, model => model.GroupMessagesPerDay),
        Row("calls/s, busiest", models, model => model.CallRate),
        Row("instances, busiest", models, model => model.Instances),
        Row("transactions of a message", models, model => model.TransactionsPerMessage),
        Row("transactions of a group message", models, model => model.TransactionsPerGroupMessage),
        Row("transactions a day", models, model => model.TransactionsPerDay),
        Row("transactions/s, busiest", models, model => model.TransactionRate),
        Row("storage accounts", models, model => model.StorageAccounts),
        Row("GB stored", models, model => model.StoredBytes / 1e9),
        Row("connections, busiest", models, model => model.Connections),
        Row("SignalR units", models, model => model.SignalRUnits),
        Row("SignalR resources", models, model => model.SignalRResources),
        Row("SignalR messages a day", models, model => model.SignalRMessagesPerDay),
        Row("GB-s a day", models, model => model.GigabyteSecondsPerDay),
        Row("queue messages a day", models, model => model.QueueMessagesPerDay),
        Row("GB of logs a day", models, model => model.LogGigabytesPerDay),
    ]);

    private void ShowCosts(IReadOnlyList<CapacityModel> models) => report.Table(
        "US dollars a month, by the example prices", ["", .. models.Select(model => $"{Text(model.Work.Accounts)} accounts")],
    [
        Row("storage transactions", models, model => CapacityCosts.Transactions(model)),
        Row("stored bytes", models, model => CapacityCosts.Bytes(model)),
        Row("executions and memory", models, model => CapacityCosts.Functions(model)),
        Row("SignalR units", models, model => CapacityCosts.Units(model)),
        Row("SignalR messages above those included", models, model => CapacityCosts.SignalRMessages(model)),
        Row("logs", models, model => CapacityCosts.Logs(model)),
        Row("all", models, model => CapacityCosts.All(model)),
    ]);

    private static IReadOnlyList<string> Row(string name, IEnumerable<CapacityModel> models, Func<CapacityModel, double> of) =>
        [name, .. models.Select(model => Text(of(model)))];

    internal static string Text(double value) => value switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e9:0.##} G"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e6:0.##} M"),
        >= 1e4 => string.Create(CultureInfo.InvariantCulture, $"{value / 1e3:0.#} k"),
        >= 100 => string.Create(CultureInfo.InvariantCulture, $"{value:0}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:0.##}"),
    };
}
