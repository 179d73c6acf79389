using CsCheck;
using Parley.Accounts;
using Parley.Apps;
using Parley.Relationships;
using Parley.Tests.Support;

namespace Parley.Tests.Relationships;

/// <summary>Random operations of three accounts on each other, on two instances.</summary>
public sealed class RelationProperties(AzuriteFixture azurite)
{
    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly Fault[] Faults = [Fault.Answer(412), Fault.Answer(503), Fault.Answer(409), Fault.DropBefore, Fault.DropAfter];
    private static int _scenarios;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private enum Act
    {
        AddBoth,
        AddSingle,
        DeleteBoth,
        DeleteSingle,
        AgreeBoth,
        Agree,
        Reject,
        TakeBack,
        Block,
        Unblock,
        Read,
    }

    private sealed record Step(Act Act, int Actor, int Peer);

    private sealed record Scenario(int Seed, double FaultRate, AllowType[] Allow, Step[] Steps);

    private static Gen<Scenario> Scenarios(Act[] acts, int most) =>
        from seed in Gen.Int[0, int.MaxValue]
        from rate in Gen.Double[0, 0.25]
        from allow in Gen.Int[0, 2].Select(number => (AllowType)number).Array[Names.Length]
        from steps in (
            from act in Gen.Int[0, acts.Length - 1]
            from actor in Gen.Int[0, Names.Length - 1]
            from peer in Gen.Int[1, Names.Length - 1]
            select new Step(acts[act], actor, (actor + peer) % Names.Length)).Array[1, most]
        select new Scenario(seed, rate, allow, steps);

    [Fact]
    public async Task One_after_the_other_they_answer_and_leave_what_the_model_says()
    {
        await using var apps = await AppsAsync();
        await Scenarios(Enum.GetValues<Act>(), 25).SampleAsync(scenario => CheckSequenceAsync(apps, scenario), iter: 40, threads: 1);
    }

    [Fact]
    public async Task At_once_and_with_faults_they_leave_both_sides_of_each_pair_the_same()
    {
        await using var apps = await AppsAsync();
        Act[] symmetric = [Act.AddBoth, Act.AddBoth, Act.DeleteBoth, Act.AgreeBoth, Act.Reject, Act.TakeBack, Act.Block, Act.Unblock, Act.Unblock, Act.Read];
        await Scenarios(symmetric, 30).SampleAsync(scenario => CheckConcurrencyAsync(apps, scenario), iter: 25, threads: 1);
        Assert.True(apps.All.Sum(app => app.Storage.FaultCount) > 0);
    }

    [Fact]
    public async Task At_once_they_answer_and_leave_what_one_order_of_them_would()
    {
        await using var apps = await AppsAsync();
        await (from before in Scenarios(Enum.GetValues<Act>(), 6) from together in Scenarios(Enum.GetValues<Act>(), 3) select (before, together.Steps))
            .SampleAsync(both => CheckOrderAsync(apps, both.before, both.Steps), iter: 60, threads: 1);
    }

    // Of one pair only, so that they meet.
    private async Task CheckOrderAsync(Apps apps, Scenario before, Step[] together)
    {
        static Step OfPair(Step step) => step with { Actor = step.Actor % 2, Peer = 1 - (step.Actor % 2) };
        var accounts = await ImportAsync(apps, before);
        var (first, last) = (before.Steps.Select(OfPair).ToList(), together.Select(OfPair).ToList());
        foreach (var step in first)
        {
            await ApplyAsync(apps.All[0], accounts, step);
        }

        var codes = await Task.WhenAll(last.Select((step, n) => ApplyAsync(apps.All[n % apps.All.Count], accounts, step)));

        await StoredRelations.AssertWholeAsync(azurite, [.. accounts.Select(apps.All[0].Key)]);
        var (own, others) = (await RelationAsync(0, 1), await RelationAsync(1, 0));
        var seen = $"{string.Join(',', codes)} {own} {others}";
        var possible = Orders(last.Count).Select(order => InOrder(before.Allow, first, last, order)).Distinct().ToList();
        Assert.True(possible.Contains(seen), $"{string.Join(' ', first)} then {string.Join(' ', last)}: {seen}, but only {string.Join("; ", possible)}");

        async Task<string> RelationAsync(int account, int peer)
        {
            var relation = await StoredRelations.RelationAsync(azurite, apps.All[0].Key(accounts[account]), accounts[peer]);
            return $"{relation.Friend is not null}/{relation.Blocks > 0}/{relation.Asks is not null}";
        }
    }

    private static string InOrder(AllowType[] allow, IReadOnlyList<Step> first, IReadOnlyList<Step> last, int[] order)
    {
        var model = new RelationModel(allow);
        foreach (var step in first)
        {
            model.Apply(step.Act.ToString(), step.Actor, step.Peer);
        }

        var codes = new int[last.Count];
        foreach (var n in order)
        {
            codes[n] = model.Apply(last[n].Act.ToString(), last[n].Actor, last[n].Peer);
        }

        return $"{string.Join(',', codes)} {Relation(0, 1)} {Relation(1, 0)}";

        string Relation(int x, int y) => $"{model.Friends[x, y]}/{model.Blocks[x, y]}/{model.Asks[x, y]}";
    }

    private static IEnumerable<int[]> Orders(int count) => count == 0
        ? [[]]
        : Orders(count - 1).SelectMany(order => Enumerable.Range(0, count).Select(at => (int[])[.. order[..at], count - 1, .. order[at..]]));

    private async Task CheckSequenceAsync(Apps apps, Scenario scenario)
    {
        var accounts = await ImportAsync(apps, scenario);
        var model = new RelationModel(scenario.Allow);
        for (var n = 0; n < scenario.Steps.Length; n++)
        {
            var step = scenario.Steps[n];
            Assert.Equal(
                (n, step, model.Apply(step.Act.ToString(), step.Actor, step.Peer)), (n, step, await ApplyAsync(apps.All[(scenario.Seed + n) % apps.All.Count], accounts, step)));
        }

        foreach (var (actor, peer) in Pairs())
        {
            var relation = await StoredRelations.RelationAsync(azurite, apps.All[0].Key(accounts[actor]), accounts[peer]);
            Assert.Equal(
                (model.Friends[actor, peer], model.Blocks[actor, peer], model.Asks[actor, peer]), (relation.Friend is not null, relation.Blocks > 0, relation.Asks is not null));
        }

        await StoredRelations.AssertWholeAsync(azurite, [.. accounts.Select(apps.All[0].Key)]);
    }

    private async Task CheckConcurrencyAsync(Apps apps, Scenario scenario)
    {
        var accounts = await ImportAsync(apps, scenario);
        foreach (var app in apps.All)
        {
            app.Storage.Plan = FaultPlans.Random(scenario.Seed, scenario.FaultRate, Faults, request => request.Kind is RequestKind.Batch);
        }

        await Task.WhenAll(scenario.Steps.Select((step, n) => TryApplyAsync(apps.All[n % apps.All.Count], accounts, step)));
        foreach (var app in apps.All)
        {
            app.Storage.Plan = FaultPlans.None;
        }

        foreach (var account in accounts)
        {
            await apps.All[0].Get<RelationReader>().ReadAsync(apps.All[0].Key(account), RelationKind.All, Stop);
        }

        await StoredRelations.AssertWholeAsync(azurite, [.. accounts.Select(apps.All[0].Key)]);
        foreach (var (actor, peer) in Pairs())
        {
            var relation = await StoredRelations.RelationAsync(azurite, apps.All[0].Key(accounts[actor]), accounts[peer]);
            Assert.Equal(relation.Friend is null, relation.FriendOf is null);
        }
    }

    private static IEnumerable<(int Actor, int Peer)> Pairs() =>
        from actor in Enumerable.Range(0, Names.Length) from peer in Enumerable.Range(0, Names.Length) where actor != peer select (actor, peer);

    private static async Task<string[]> ImportAsync(Apps apps, Scenario scenario)
    {
        var number = Interlocked.Increment(ref _scenarios);
        var accounts = Names.Select(name => $"relations-{number}-{name}").ToArray();
        for (var n = 0; n < accounts.Length; n++)
        {
            var allow = $"AllowType_Type_{scenario.Allow[n]}";
            await apps.All[0].ImportAsync(accounts[n]);
            await apps.All[0].Get<AccountDirectory>().ChangeAsync(apps.All[0].Key(accounts[n]), row => row["AllowType"] = allow, Stop);
        }

        return accounts;
    }

    // What failed may be done or not.
    private static async Task TryApplyAsync(AppInstance app, string[] accounts, Step step)
    {
        try
        {
            await ApplyAsync(app, accounts, step);
        }
        catch (Exception e) when (e is Azure.RequestFailedException or OperationCanceledException or AggregateException)
        {
            // Both are whole in the end.
        }
    }

    private static async Task<int> ApplyAsync(AppInstance app, string[] accounts, Step step)
    {
        if (step.Act == Act.Read)
        {
            await app.Get<RelationReader>().ReadAsync(app.Key(accounts[step.Actor]), RelationKind.Friends, Stop);
            return 0;
        }

        return (await app.Get<RelationWriter>().ApplyAsync(app.App, accounts[step.Actor], accounts[step.Peer], OperationOf(step.Act)))?.Code ?? 0;
    }

    private static RelationOperation OperationOf(Act act) => act switch
    {
        Act.AddBoth => RelationOperations.Add(new Adding(true, false, "", "", "", null)),
        Act.AddSingle => RelationOperations.Add(new Adding(false, false, "", "", "", null)),
        Act.DeleteBoth => RelationOperations.Delete(isBoth: true),
        Act.DeleteSingle => RelationOperations.Delete(isBoth: false),
        Act.AgreeBoth => RelationOperations.Accept(isBoth: true, "", null),
        Act.Agree => RelationOperations.Accept(isBoth: false, "", null),
        Act.Reject => RelationOperations.DropRequests(comeIn: true, sendOut: false),
        Act.TakeBack => RelationOperations.DropRequests(comeIn: false, sendOut: true),
        Act.Block => RelationOperations.Block(),
        _ => RelationOperations.Unblock(),
    };

    private async Task<Apps> AppsAsync() => new(
        [await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1")), await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"))]);

    private sealed record Apps(IReadOnlyList<AppInstance> All) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var app in All)
            {
                await app.DisposeAsync();
            }
        }
    }
}
