namespace Parley.Tests.SignalRService;

/// <summary>Waits for a condition, up to a deadline that only a failing test reaches.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static Task IsTrueAsync(Func<bool> condition, string what) => IsTrueAsync(() => Task.FromResult(condition()), what);

    public static async Task IsTrueAsync(Func<Task<bool>> condition, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Deadline, $"It did not happen: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TestService.Stop);
        }
    }
}
