using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Parley.Rest;

/// <summary>
/// Reads the fields of a JSON object, each with the error code that the API documents for it. The first error wins;
/// after it, reads answer defaults. A null counts as absent.
/// </summary>
/// <param name="parent">The object that holds this one; it hears of errors.</param>
public sealed class FieldReader(JsonElement body, FieldReader? parent = null)
{
    /// <summary>Accounts are at most this long, in UTF-8 bytes.</summary>
    public const int MaxAccountBytes = 32;

    private static readonly JsonElement NoFields = JsonElement.Parse("{}"u8);

    /// <summary>The first error that was found; null when all fields read so far are good.</summary>
    public ApiError? Error { get; private set; }

    /// <summary>Finds a parameter of the URL by its name; null when there is none, as over a connection.</summary>
    public Func<string, string?> Parameter { get; init; } = static _ => null;

    /// <summary>The names of all fields, as they came.</summary>
    public IEnumerable<string> Names => body.EnumerateObject().Select(property => property.Name);

    /// <summary>Reads the same object without telling this reader of errors, for fields whose errors have other codes here.</summary>
    public FieldReader Apart() => new(body);

    public bool Has(string name) => Find(name) is not null;

    /// <summary>Notes an error unless there is one.</summary>
    public void Fail(ApiError error)
    {
        Error ??= error;
        parent?.Fail(error);
    }

    public JsonElement? Element(string name) => Find(name);

    /// <summary>A text that must be there.</summary>
    public string Text(string name, ApiError wrong) => OptionalText(name, wrong) ?? Wrong(name, wrong, "");

    public string? OptionalText(string name, ApiError wrong) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => Wrong<string?>(name, wrong, null),
    };

    /// <summary>An account that must be there: 1 to 32 bytes without control characters.</summary>
    public string Account(string name, ApiError wrong) => OptionalAccount(name, wrong) ?? Wrong(name, wrong, "");

    public string? OptionalAccount(string name, ApiError wrong)
    {
        var account = OptionalText(name, wrong);
        return account is null || IsAccount(account) ? account : Wrong<string?>(name, wrong, null);
    }

    /// <summary>Whether a text can be the name of an account.</summary>
    public static bool IsAccount(string text) =>
        text.Length is > 0 and <= MaxAccountBytes && Encoding.UTF8.GetByteCount(text) <= MaxAccountBytes && text.EnumerateRunes().All(IsAccountRune);

    public uint Unsigned(string name, ApiError wrong) => OptionalUnsigned(name, wrong) ?? Wrong(name, wrong, 0u);

    public uint? OptionalUnsigned(string name, ApiError wrong) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetUInt32(out var value) => value,
        _ => Wrong<uint?>(name, wrong, null),
    };

    public long Integer(string name, ApiError wrong) => OptionalInteger(name, wrong) ?? Wrong(name, wrong, 0L);

    public long? OptionalInteger(string name, ApiError wrong) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var value) => value,
        _ => Wrong<long?>(name, wrong, null),
    };

    /// <summary>A whole number that some callers write as text.</summary>
    public long? OptionalIntegerOrText(string name, ApiError wrong) => Find(name) switch
    {
        { ValueKind: JsonValueKind.String } text => long.TryParse(text.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : Wrong<long?>(name, wrong, null),
        _ => OptionalInteger(name, wrong),
    };

    /// <summary>A switch given as 0 or 1.</summary>
    public bool Flag(string name, ApiError wrong) => OptionalInteger(name, wrong) switch
    {
        null or 0 => false,
        1 => true,
        _ => Wrong(name, wrong, false),
    };

    /// <summary>An array that must be there and hold something.</summary>
    public IReadOnlyList<JsonElement> Array(string name, ApiError wrong) =>
        Find(name) is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() > 0
            ? [.. array.EnumerateArray()]
            : Wrong<IReadOnlyList<JsonElement>>(name, wrong, []);

    /// <summary>An object that must be there.</summary>
    public FieldReader Object(string name, ApiError wrong) =>
        Find(name) is { ValueKind: JsonValueKind.Object } found ? new FieldReader(found, this) : Wrong(name, wrong, new FieldReader(NoFields, this));

    /// <summary>An array of objects that must be there and may be empty.</summary>
    public IReadOnlyList<FieldReader> Objects(string name, ApiError wrong) =>
        Find(name) is { ValueKind: JsonValueKind.Array } array && array.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object)
            ? [.. array.EnumerateArray().Select(item => new FieldReader(item, this))]
            : Wrong<IReadOnlyList<FieldReader>>(name, wrong, []);

    /// <summary>An array of texts; empty when absent.</summary>
    public IReadOnlyList<string> OptionalTexts(string name, ApiError wrong)
    {
        if (Find(name) is not { } array)
        {
            return [];
        }

        return array.ValueKind == JsonValueKind.Array && array.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. array.EnumerateArray().Select(item => item.GetString()!)]
            : Wrong<IReadOnlyList<string>>(name, wrong, []);
    }

    // A lone surrogate reads as the replacement character.
    private static bool IsAccountRune(Rune rune) => !Rune.IsControl(rune) && rune != Rune.ReplacementChar;

    private JsonElement? Find(string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private T Wrong<T>(string name, ApiError wrong, T instead)
    {
        Fail(wrong.In(name));
        return instead;
    }
}
