using Microsoft.Extensions.Time.Testing;
using Parley.Health;

namespace Parley.Tests.Health;

public sealed class ServiceCheckTests
{
    private readonly FakeTimeProvider _time = new();
    private int _asked;

    [Fact]
    public async Task Many_who_ask_share_one_answer_for_ten_seconds()
    {
        var check = new ServiceCheck(CountAsync, _time);

        var states = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => check.FindAsync()));
        _time.Advance(TimeSpan.FromSeconds(9));
        await check.FindAsync();

        Assert.All(states, state => Assert.True(state.IsReachable));
        Assert.Equal(1, _asked);
        _time.Advance(TimeSpan.FromSeconds(1));
        await check.FindAsync();
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task While_a_question_is_under_way_no_other_is_asked_however_long_it_takes()
    {
        var answer = new TaskCompletionSource();
        var check = new ServiceCheck(async _ => { _asked++; await answer.Task; }, _time);

        var first = check.FindAsync();
        var second = check.FindAsync();

        Assert.Same(first, second);
        answer.SetResult();
        Assert.True((await first).IsReachable);
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_within_two_seconds_counts_as_unreachable_even_if_it_ignores_being_stopped()
    {
        var check = new ServiceCheck(_ => new TaskCompletionSource().Task, _time);

        var state = check.FindAsync();
        while (!state.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }

        Assert.False((await state).IsReachable);
    }

    [Fact]
    public async Task A_failure_is_found_out_again_after_ten_seconds_and_so_is_its_end()
    {
        var isDown = true;
        var check = new ServiceCheck(_ => isDown ? throw new HttpRequestException("no") : Task.CompletedTask, _time);

        Assert.False((await check.FindAsync()).IsReachable);
        isDown = false;
        Assert.False((await check.FindAsync()).IsReachable);
        _time.Advance(ServiceCheck.Interval);

        Assert.True((await check.FindAsync()).IsReachable);
    }

    [Fact]
    public async Task A_service_that_is_asked_more_rarely_is_asked_after_ten_seconds_while_it_is_away()
    {
        var isDown = false;
        var check = new ServiceCheck(stop => isDown ? throw new HttpRequestException("no") : CountAsync(stop), _time, TimeSpan.FromMinutes(1));
        await check.FindAsync();
        isDown = true;

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.True((await check.FindAsync()).IsReachable);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False((await check.FindAsync()).IsReachable);
        isDown = false;
        _time.Advance(ServiceCheck.Interval);

        Assert.True((await check.FindAsync()).IsReachable);
        Assert.Equal(2, _asked);
    }

    private Task CountAsync(CancellationToken cancellation)
    {
        Interlocked.Increment(ref _asked);
        return Task.CompletedTask;
    }
}
