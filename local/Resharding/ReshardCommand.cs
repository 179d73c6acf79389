using Azure;
using Azure.Identity;
using Microsoft.Extensions.Options;
using Parley.Identity;
using Parley.Storage;
using Parley.Storage.Shards;

namespace Parley.Local.Resharding;

/// <summary>The command <c>reshard</c>.</summary>
internal sealed class ReshardCommand(ReshardLine line, DataFolder folder, TimeProvider time)
{
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        try
        {
            var accounts = Connect();
            if (line.Targets?.Any(target => target >= accounts.Names.Count) == true)
            {
                throw new StartFailedException($"The settings name {accounts.Names.Count} storage accounts: 0 to {accounts.Names.Count - 1}.");
            }

            await RunAsync(accounts, cancellation);
            return 0;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Say("Stopped. 'reshard --apply' goes on from here.");
            return 130;
        }
        catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException or InvalidOperationException or AggregateException or OperationCanceledException)
        {
            throw new StartFailedException($"{e.Message} 'reshard --apply' goes on from here.", e);
        }
    }

    private async Task RunAsync(ShardAccounts accounts, CancellationToken cancellation)
    {
        var resharding = new Resharder(accounts, ShardLease.Default, time, Say);
        if (line.AcceptsAccounts)
        {
            await accounts.AcceptNamesAsync(cancellation);
        }

        if (line.IsPlan)
        {
            Show(accounts, await resharding.PlanAsync(line.App, line.Targets, cancellation));
            return;
        }

        if (line.IsApply)
        {
            await resharding.ApplyAsync(line.App, line.Targets, isResumeOnly: !line.HasTargets, line.Together, cancellation);
        }

        Show(accounts, await accounts.ReadMapAsync(cancellation));
    }

    private ShardAccounts Connect()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(OfLocalEnvironment()).AddEnvironmentVariables().Build();
        var options = configuration.GetSection("Storage").Get<StorageOptions>() ?? new StorageOptions();

        // Queues have no part in this.
        options.QueueEndpoint ??= options.TableEndpoint;
        return new ShardAccounts(new StorageAccess(Options.Create(options), configuration, new AppIdentity(configuration)));
    }

    private Dictionary<string, string?> OfLocalEnvironment()
    {
        var isElsewhere = Environment.GetEnvironmentVariables().Keys.Cast<string>().Any(name => name.StartsWith("Storage__", StringComparison.OrdinalIgnoreCase));
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (!isElsewhere && LocalSettings.TryRead(folder.Settings) is { } local)
        {
            settings["Storage:ConnectionString"] = local.Storage;
            foreach (var (i, shard) in (local.Shards ?? []).Index())
            {
                settings[$"Storage:Shards:{i}:ConnectionString"] = shard;
            }
        }

        return settings;
    }

    private static void Show(ShardAccounts accounts, ShardMap map)
    {
        foreach (var (app, places) in map.Places.OrderBy(place => place.Key))
        {
            Say(app == ShardBucket.AllApps ? "Buckets of all apps without places of their own:" : $"Buckets of app {app}:");
            foreach (var (shard, name) in accounts.Names.Index())
            {
                Say($"  {shard}  {name,-24} {places.Count(place => place == shard),5}");
            }
        }

        Say(map.Moves.Count == 0 ? "Nothing is under way." : $"{map.Moves.Count} buckets are being moved; 'reshard --apply' goes on with them.");
    }

    private static void Show(ShardAccounts accounts, IReadOnlyList<(ShardBucket Bucket, int To)> plan)
    {
        Say($"{plan.Count} of {ShardBucket.Count} buckets would move:");
        foreach (var target in plan.GroupBy(move => move.To).OrderBy(group => group.Key))
        {
            Say($"  to {target.Key}  {accounts.Names[target.Key],-24} {target.Count(),5}");
        }
    }

    private static void Say(string text) => Console.Out.WriteLine(text);
}
