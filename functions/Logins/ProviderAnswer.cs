using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Parley.Logins;

/// <summary>
/// The fields of an OAuth 2 provider's answer, in whatever of these forms it comes:
/// <code>
/// { "access_token": "…", "uid": 7 }          access_token=…&amp;expires_in=7776000          callback( {"openid":"…"} );
/// </code>
/// </summary>
/// <remarks>Source: the providers' documentation; content types are not to be relied on.</remarks>
public sealed class ProviderAnswer
{
    private readonly JsonElement? _json;
    private readonly Dictionary<string, string> _form = new(StringComparer.Ordinal);

    private ProviderAnswer(string text)
    {
        _json = TryParse(text) ?? TryParse(Inside(text));
        if (_json is null)
        {
            foreach (var (name, values) in QueryHelpers.ParseQuery(text))
            {
                _form[name] = values.ToString();
            }
        }
    }

    public static ProviderAnswer Parse(string text) => new(text.Trim());

    /// <summary>A text or number of the answer; null when it is missing, empty or something else.</summary>
    /// <param name="path">The field's name; dots lead into objects.</param>
    public string? Find(string path)
    {
        if (_json is not { } json)
        {
            return _form.TryGetValue(path, out var value) && value.Length > 0 ? value : null;
        }

        foreach (var name in path.Split('.'))
        {
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(name, out json))
            {
                return null;
            }
        }

        return json.ValueKind switch
        {
            JsonValueKind.String when json.GetString() is { Length: > 0 } text => text,
            JsonValueKind.Number => json.GetRawText(),
            _ => null,
        };
    }

    private static JsonElement? TryParse(string? text)
    {
        try
        {
            using var document = text is ['{', ..] ? JsonDocument.Parse(text) : null;
            return document?.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // What is between the brackets of a call.
    private static string? Inside(string text)
    {
        var (open, close) = (text.IndexOf('('), text.LastIndexOf(')'));
        return open > 0 && close > open ? text[(open + 1)..close].Trim() : null;
    }
}
