namespace Parley.Rest;

/// <summary>What a command answers: a value, or the error that its caller shall see. Expected failures travel here, not as exceptions.</summary>
public readonly struct Result<T>
{
    private readonly T? _value;

    private Result(T? value, ApiError? error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>The error, or null when there is a value.</summary>
    public ApiError? Error { get; }

    /// <exception cref="InvalidOperationException">The result is an error.</exception>
    public T Value => Error is null ? _value! : throw new InvalidOperationException($"No value: {Error}");

    /// <summary>True with the value, false with the error.</summary>
    public bool TryGet([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T value, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out ApiError? error)
    {
        value = _value;
        error = Error;
        return error is null;
    }

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(ApiError error) => new(default, error);
}
