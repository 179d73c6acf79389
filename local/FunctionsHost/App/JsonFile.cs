using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Parley.Local.FunctionsHost;

/// <summary>One object of a configuration file, whose errors name the file and the property.</summary>
/// <remarks>Property names are compared without regard to case, comments and trailing commas are accepted, like the real host.</remarks>
internal sealed class JsonFile
{
    private static readonly JsonNodeOptions IgnoreCase = new() { PropertyNameCaseInsensitive = true };
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private readonly string _place;
    private readonly JsonObject _object;

    private JsonFile(string place, JsonObject value)
    {
        _place = place;
        _object = value;
    }

    public static JsonFile Read(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(path), IgnoreCase, Lenient) is JsonObject value
                ? new JsonFile(path, value)
                : throw new InvalidFunctionAppException($"{path}: a JSON object was expected.");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new InvalidFunctionAppException($"{path}: {e.Message}", e);
        }
    }

    public bool Has(string name) => _object[name] is not null;

    /// <summary>A nested object; an empty one when it is absent.</summary>
    public JsonFile Section(string name) => _object[name] switch
    {
        null => new JsonFile($"{_place}: {name}", new JsonObject(IgnoreCase)),
        JsonObject value => new JsonFile($"{_place}: {name}", value),
        _ => throw Invalid(name, "an object"),
    };

    public IReadOnlyList<JsonFile> Sections(string name) => _object[name] switch
    {
        null => [],
        JsonArray items => [.. items.Select((item, at) => item is JsonObject value
            ? new JsonFile($"{_place}: {name}[{at}]", value)
            : throw Invalid(name, "an array of objects"))],
        _ => throw Invalid(name, "an array"),
    };

    public string? Text(string name) => _object[name] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => throw Invalid(name, "a string"),
    };

    public string RequiredText(string name) =>
        Text(name) is { Length: > 0 } text ? text : throw new InvalidFunctionAppException($"{_place}: '{name}' is missing.");

    /// <summary>Strings of an array; null when it is absent.</summary>
    public IReadOnlyList<string>? Texts(string name) => _object[name] switch
    {
        null => null,
        JsonArray items when items.All(item => item?.GetValueKind() == JsonValueKind.String) => [.. items.Select(item => item!.GetValue<string>())],
        _ => throw Invalid(name, "an array of strings"),
    };

    public bool Flag(string name, bool otherwise) => _object[name] switch
    {
        null => otherwise,
        JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
        _ => throw Invalid(name, "true or false"),
    };

    public int Number(string name, int otherwise, int least, int most) => _object[name] switch
    {
        null => otherwise,
        JsonValue value when value.TryGetValue<int>(out var number) && number >= least && number <= most => number,
        _ => throw Invalid(name, $"a whole number from {least} to {most}"),
    };

    public TimeSpan Duration(string name, TimeSpan otherwise, TimeSpan least) => _object[name] switch
    {
        null => otherwise,
        JsonValue value when value.GetValueKind() == JsonValueKind.String
            && TimeSpan.TryParse(value.GetValue<string>(), CultureInfo.InvariantCulture, out var duration) && duration >= least => duration,
        _ => throw Invalid(name, $"a duration hh:mm:ss of at least {least}"),
    };

    public InvalidFunctionAppException Invalid(string name, string expected) => new($"{_place}: '{name}' must be {expected}.");

    public InvalidFunctionAppException Refused(string why) => new($"{_place}: {why}");
}
