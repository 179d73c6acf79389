using System.Runtime.CompilerServices;

namespace Parley.Tests.Support;

/// <summary>Waits for conditions that nothing announces.</summary>
public static class Eventually
{
    /// <summary>Long enough for a busy computer; only a failing test waits for so long.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    /// <summary>Waits until a condition holds, up to <see cref="Deadline"/>.</summary>
    public static Task HoldsAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        TrueAsync(what, condition, Deadline);

    /// <summary>As the other, for a condition that must be asked for.</summary>
    public static Task HoldsAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        GetAsync(what, condition, Deadline);

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
