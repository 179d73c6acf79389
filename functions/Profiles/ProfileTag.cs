using System.Text;
using System.Text.Json;
using Parley.Rest;

namespace Parley.Profiles;

/// <summary>A field of profiles: what it is called, where it is kept, and what can be its value.</summary>
/// <param name="Name">Its name in requests and answers.</param>
/// <param name="Column">Of the account's row.</param>
/// <param name="IsNumber">An unsigned 32-bit number; else a text.</param>
public sealed record ProfileTag(string Name, string Column, bool IsNumber = false)
{
    public const int MostBytes = 500;

    public int MaxBytes { get; init; } = MostBytes;

    /// <summary>The only texts that it can be; null for any.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>Whether accounts may read it, and not only administrators.</summary>
    public bool IsReadable { get; init; } = true;

    /// <summary>Whether accounts may write it in their own profile.</summary>
    public bool IsWritable { get; init; } = true;

    /// <summary>The value as it is stored: a text or a number; null for the empty text, which clears the field. 40610, 40605 or 40601 when it cannot be.</summary>
    public Result<object?> Parse(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when IsNumber => value.TryGetUInt32(out var number) ? Stored((long)number) : ApiError.ProfileValueInvalid.In(Name),
        JsonValueKind.String when !IsNumber => ParseText(value.GetString()!),
        _ => ApiError.ProfileValueType.In(Name),
    };

    /// <summary>The field with a value as it is stored.</summary>
    public TagValue WithValue(object value) => TagValue.Of(Name, value);

    private Result<object?> ParseText(string text)
    {
        if (Choices?.Contains(text) == false)
        {
            return ApiError.ProfileValueInvalid.In(Name);
        }

        return Encoding.UTF8.GetByteCount(text) > MaxBytes ? ApiError.ProfileTextTooLong.In(Name) : Stored(text.Length == 0 ? null : text);
    }

    // An error is an object too: without this, it could become a value.
    private static Result<object?> Stored(object? value) => value;
}

/// <summary>A field and its value, as requests and answers write them.</summary>
public sealed record TagValue(string Tag, RawJson Value)
{
    /// <param name="value">A text or a number.</param>
    public static TagValue Of(string tag, object value) =>
        new(tag, new RawJson(value is long number ? JsonSerializer.Serialize(number, ParleyJson.Wire.Int64) : JsonSerializer.Serialize((string)value, ParleyJson.Wire.String)));
}
