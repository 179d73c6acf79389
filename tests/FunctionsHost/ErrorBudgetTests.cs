using Microsoft.Extensions.Time.Testing;
using Parley.Local.FunctionsHost;

namespace Parley.Tests.FunctionsHost;

public sealed class ErrorBudgetTests
{
    [Fact]
    public void Half_an_hour_without_an_error_makes_earlier_ones_forgotten()
    {
        var time = new FakeTimeProvider();
        var budget = new ErrorBudget(3, time);

        Assert.True(budget.TrySpend());
        Assert.True(budget.TrySpend());
        time.Advance(TimeSpan.FromMinutes(31));
        Assert.True(budget.TrySpend());
        Assert.True(budget.TrySpend());
        time.Advance(TimeSpan.FromMinutes(29));
        Assert.False(budget.TrySpend());
    }

    [Fact]
    public void Pauses_double_up_to_ten_seconds()
    {
        var budget = new ErrorBudget(null, new FakeTimeProvider());
        var pauses = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            Assert.True(budget.TrySpend());
            pauses.Add(budget.Pause(TimeSpan.FromMilliseconds(250)).TotalSeconds);
        }

        Assert.Equal([0.25, 0.5, 1, 2, 4, 8, 10, 10], pauses);
    }
}
