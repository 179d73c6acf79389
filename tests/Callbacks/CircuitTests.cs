using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Parley.Apps;
using Parley.Callbacks;

namespace Parley.Tests.Callbacks;

/// <summary>When a receiver that fails is left alone, and how it is found to be back.</summary>
public sealed class CircuitTests
{
    private static readonly App First = new() { SdkAppId = 1, Secrets = [], Admins = [], CallbackUrl = "https://a.example.org" };

    private readonly FakeTimeProvider _time = new();
    private readonly CallbackCircuits _circuits;

    public CircuitTests() => _circuits = new CallbackCircuits(Options.Create(new CallbacksOptions { CircuitFailures = 3, CircuitMilliseconds = 10_000 }), _time);

    [Fact]
    public void Failures_in_a_row_open_it_and_a_success_between_them_does_not_let_them_add_up()
    {
        Call(false, false, true, false, false);
        Assert.NotNull(_circuits.TryEnter(First, out _));

        Call(false);

        Assert.Null(_circuits.TryEnter(First, out var wait));
        Assert.Equal(TimeSpan.FromSeconds(10), wait);
    }

    [Fact]
    public void After_a_while_one_call_at_a_time_looks_whether_the_receiver_is_back()
    {
        Call(false, false, false);
        _time.Advance(TimeSpan.FromSeconds(10));

        using var probe = _circuits.TryEnter(First, out _);
        Assert.NotNull(probe);
        Assert.Null(_circuits.TryEnter(First, out var wait));
        Assert.True(wait > TimeSpan.Zero);
        probe.Report(true);

        Assert.NotNull(_circuits.TryEnter(First, out _));
        Assert.NotNull(_circuits.TryEnter(First, out _));
    }

    [Fact]
    public void While_it_stays_away_the_time_doubles_up_to_five_minutes_and_is_short_again_after_a_success()
    {
        Call(false, false, false);
        foreach (var seconds in (int[])[10, 20, 40, 80, 160, 300, 300])
        {
            Assert.Null(_circuits.TryEnter(First, out var wait));
            Assert.Equal(TimeSpan.FromSeconds(seconds), wait);
            _time.Advance(wait);
            Call(false);
        }

        _time.Advance(TimeSpan.FromMinutes(5));
        Call(true, false, false, false);

        Assert.Null(_circuits.TryEnter(First, out var again));
        Assert.Equal(TimeSpan.FromSeconds(10), again);
    }

    [Fact]
    public void A_call_that_was_not_made_leaves_the_look_to_another()
    {
        Call(false, false, false);
        _time.Advance(TimeSpan.FromSeconds(10));
        _circuits.TryEnter(First, out _)!.Dispose();

        Assert.NotNull(_circuits.TryEnter(First, out _));
    }

    [Fact]
    public void Calls_that_began_before_it_opened_do_not_prolong_it()
    {
        var late = Enumerable.Range(0, 10).Select(_ => _circuits.TryEnter(First, out var _)!).ToList();
        late.ForEach(pass => pass.Report(false));

        Assert.Null(_circuits.TryEnter(First, out var wait));
        Assert.Equal(TimeSpan.FromSeconds(10), wait);
    }

    [Fact]
    public void Each_app_and_URL_has_one_of_its_own()
    {
        Call(false, false, false);

        Assert.NotNull(_circuits.TryEnter(First with { SdkAppId = 2 }, out _));
        Assert.NotNull(_circuits.TryEnter(First with { CallbackUrl = "https://b.example.org" }, out _));
    }

    private void Call(params bool[] outcomes)
    {
        foreach (var outcome in outcomes)
        {
            using var pass = _circuits.TryEnter(First, out _);
            pass!.Report(outcome);
        }
    }
}
