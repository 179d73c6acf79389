using System.Globalization;
using Parley.Apps;
using Parley.Bench.Setup;

namespace Parley.Bench.Cost;

/// <summary>The cases of groups, with the targets of the design (section 8). The instance has seen all accounts and members.</summary>
/// <param name="messages">Calls to make in a case.</param>
/// <param name="largest">Members of the largest group.</param>
internal sealed class GroupCases(GroupApi groups, int messages, int largest)
{
    private const int Senders = 64;
    private const int AddedAtOnce = 500;
    private const int Additions = 3;
    private const int PageSize = 100;
    private const uint Warming = 1_000_000;

    private readonly Dictionary<int, string> _communities = [];
    private readonly List<string> _empty = [];
    private string _group = "";
    private string _next = "";

    public IEnumerable<CostCase> All()
    {
        foreach (var members in ((int[])[10, 1_000, largest]).Distinct())
        {
            yield return new CostCase($"group of {Text(members)}", token => WarmAsync(members, token), Send, messages, 1, 1, 1);
        }

        yield return new CostCase($"group, {Senders} senders at once", WarmAllAsync, SendOfMany, messages * Senders, 1, 0.1, 1) { AtOnce = Senders };
        yield return new CostCase("AVChatRoom", token => WarmLiveAsync(GroupType.AVChatRoom, token), Send, messages, 1, 0, 1);
        yield return new CostCase("BChatRoom", token => WarmLiveAsync(GroupType.BChatRoom, token), Send, messages, 1, 0, 1);
        yield return new CostCase($"{AddedAtOnce} members added at once, per member", CreateEmptyAsync, Add, Additions, AddedAtOnce, null, null);
        yield return new CostCase(
            $"{PageSize} of {Text(largest)} members, per page", BeginPagesAsync, ReadPageAsync, Math.Min(messages, (largest / PageSize) - 1), 1, null, 0);
    }

    private static string Text(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private Task Send(uint number, CancellationToken cancellation) => groups.SendAsync(_group, 1, number, cancellation);

    private Task SendOfMany(uint number, CancellationToken cancellation) =>
        groups.SendAsync(_group, (int)((number - 1) % Senders) + 1, number, cancellation);

    private Task Add(uint number, CancellationToken cancellation) => groups.AddAsync(_empty[(int)number - 1], AddedAtOnce, cancellation);

    private async Task ReadPageAsync(uint number, CancellationToken cancellation) => _next = await groups.ReadPageAsync(_group, PageSize, _next, cancellation);

    private async Task WarmAsync(int members, CancellationToken cancellation)
    {
        _group = await CommunityAsync(members, cancellation);
        await Send(Warming, cancellation);
    }

    private async Task WarmAllAsync(CancellationToken cancellation)
    {
        _group = await groups.CreateAsync(GroupType.Public, Senders, cancellation);
        await Task.WhenAll(Enumerable.Range(1, Senders).Select(sender => groups.SendAsync(_group, sender, Warming, cancellation)));
    }

    private async Task WarmLiveAsync(GroupType type, CancellationToken cancellation)
    {
        await groups.PrepareAsync(1, cancellation);
        _group = await groups.CreateAsync(type, cancellation);
        await Send(Warming, cancellation);
    }

    private async Task CreateEmptyAsync(CancellationToken cancellation)
    {
        await groups.PrepareAsync(AddedAtOnce, cancellation);
        for (var i = 0; i < Additions; i++)
        {
            _empty.Add(await groups.CreateAsync(GroupType.Public, cancellation));
        }
    }

    private async Task BeginPagesAsync(CancellationToken cancellation) => (_group, _next) = (await CommunityAsync(largest, cancellation), "");

    // The one type that takes so many members.
    private async Task<string> CommunityAsync(int members, CancellationToken cancellation)
    {
        if (!_communities.TryGetValue(members, out var group))
        {
            _communities[members] = group = await groups.CreateAsync(GroupType.Community, members, cancellation);
        }

        return group;
    }
}
