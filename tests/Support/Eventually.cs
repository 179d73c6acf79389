namespace Parley.Tests.Support;

/// <summary>Waits for conditions that nothing announces.</summary>
public static class Eventually
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks again and again until the answer is neither null nor false.</summary>
    /// <exception cref="TimeoutException">The deadline passed; the message says what was waited for.</exception>
    public static async Task<T> GetAsync<T>(string what, Func<Task<T?>> ask, TimeSpan deadline)
    {
        using var time = new CancellationTokenSource(deadline);
        while (!time.IsCancellationRequested)
        {
            if (await ask() is { } answer and not false)
            {
                return answer;
            }

            await Task.Delay(Poll);
        }

        throw new TimeoutException($"Waited {deadline.TotalSeconds:0} s for: {what}");
    }

    public static Task TrueAsync(string what, Func<bool> ask, TimeSpan deadline) =>
        GetAsync(what, () => Task.FromResult<object?>(ask()), deadline);
}
