using System.Globalization;
using Parley.Local.Resharding;
using Parley.Storage.Shards;

namespace Parley.Bench.Capacity;

/// <summary>Draws accounts and groups that messages go to in the busiest seconds, and puts their partition keys into storage accounts as the program does.</summary>
internal sealed class ShardSimulation(CapacityModel model, Draws draws)
{
    private const double MostMessages = 1_000_000;
    private const double MostSeconds = 60;

    private readonly Workload _work = model.Work;
    private readonly Dictionary<long, int> _rows = [];
    private readonly double[] _transactions = new double[(int)model.StorageAccounts];
    private readonly ShardMap _map = ShardMap.Empty.WithMoved(ReshardPlan
        .Spread(ShardMap.Empty, ShardBucket.AllApps, [.. Enumerable.Range(0, (int)model.StorageAccounts)])
        .Select(move => new ShardMove(move.Bucket, move.To, MovePhase.Frozen, 1)));

    private double _seconds;

    /// <summary>The busiest storage account, as a multiple of the mean of all.</summary>
    public double HottestAccount => _transactions.Max() / _transactions.Average();

    /// <summary>Transactions a second of the busiest storage account, those that are not of messages included.</summary>
    public double HottestAccountRate => model.TransactionRate / model.StorageAccounts * HottestAccount;

    /// <summary>Rows a second of the busiest partition of an account.</summary>
    public double HottestPartition => _rows.Values.Max() * _work.RowsPerTransaction / _seconds;

    public void Run()
    {
        var rate = model.MessageRate + model.GroupMessageRate;
        _seconds = Math.Min(MostSeconds, MostMessages / rate);
        var (ofMessage, ofGroupMessage) = (model.TransactionsPerMessage, model.TransactionsPerGroupMessage);
        var messages = draws.Poisson(model.MessageRate * _seconds);
        for (var i = 0; i < messages; i++)
        {
            // The sender's partition and the receiver's.
            Account(ofMessage / 2);
            Account(ofMessage / 2);
        }

        var groupMessages = draws.Poisson(model.GroupMessageRate * _seconds);
        for (var i = 0; i < groupMessages; i++)
        {
            Add($"1400000001|@TGS{draws.Rank(_work.Groups, _work.Skew):X8}", ofGroupMessage);
        }
    }

    // Which numbers are busy has nothing to do with their names.
    private void Account(double transactions)
    {
        var account = draws.Rank(_work.Daily, _work.Skew);
        _rows[account] = _rows.GetValueOrDefault(account) + 1;
        Add(string.Create(CultureInfo.InvariantCulture, $"1400000001|user_{account:D9}"), transactions);
    }

    private void Add(string partition, double transactions) => _transactions[_map.ShardOf(_map.BucketOf(partition))] += transactions;
}
