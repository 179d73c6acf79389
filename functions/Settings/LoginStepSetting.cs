using System.Text.Json;
using Parley.Apps;
using Parley.Logins;
using Parley.Rest;

namespace Parley.Settings;

/// <summary>The steps of an OAuth 2 provider: each may use the values that are given or that a step before it has read.</summary>
public static class LoginStepSetting
{
    private const string Name = "Steps";
    private const int MaxSteps = 5;
    private const int MaxEntries = 16;
    private const int MaxText = 512;

    private static readonly string[] Fields = ["Method", "Url", "Parameters", "Read", "SendsBearer", "IsOptional"];

    public static IReadOnlyList<LoginStep> ReadAll(FieldReader fields)
    {
        if (fields.Element(Name) is not { ValueKind: JsonValueKind.Array } array || array.GetArrayLength() is < 1 or > MaxSteps)
        {
            fields.Fail(ApiError.SettingInvalid.In(Name));
            return [];
        }

        var steps = new List<LoginStep>();
        foreach (var element in array.EnumerateArray())
        {
            if (SettingObject.TryOpen(element, Name, Fields, fields) is { } own && Read(own) is { } step)
            {
                steps.Add(step);
            }
            else
            {
                fields.Fail(ApiError.SettingInvalid.In(Name));
            }
        }

        if (!LeadToSubject(steps))
        {
            fields.Fail(ApiError.SettingInvalid.In($"{Name}: no step before the optional ones reads {OAuth2Login.Subject}, or a placeholder is unknown"));
        }

        return steps;
    }

    // Null when something is wrong with it.
    private static LoginStep? Read(FieldReader fields)
    {
        var step = new LoginStep
        {
            Method = fields.Text("Method", ApiError.SettingInvalid),
            Url = fields.Text("Url", ApiError.SettingInvalid),
            Parameters = ReadTexts(fields, "Parameters"),
            Read = ReadTexts(fields, "Read"),
            SendsBearer = SettingObject.Switch(fields, "SendsBearer"),
            IsOptional = SettingObject.Switch(fields, "IsOptional"),
        };
        return fields.Error is null && step.Method is LoginStep.Get or LoginStep.Post && SettingObject.IsAddress(step.Url) ? step : null;
    }

    private static Dictionary<string, string> ReadTexts(FieldReader fields, string name)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (fields.Element(name) is not { } element)
        {
            return texts;
        }

        foreach (var (key, value) in element.ValueKind == JsonValueKind.Object ? element.EnumerateObject().Select(entry => (entry.Name, entry.Value)) : [("", element)])
        {
            if (key.Length is 0 or > MaxText || value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: <= MaxText } text
                || texts.Count >= MaxEntries)
            {
                fields.Fail(ApiError.SettingInvalid.In(name));
                break;
            }

            texts[key] = text;
        }

        return texts;
    }

    private static bool LeadToSubject(List<LoginStep> steps)
    {
        var known = OAuth2Login.GivenValues.ToHashSet(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            var needed = step.Parameters.Values.SelectMany(OAuth2Login.PlaceholdersIn);
            if (!known.IsSupersetOf(step.SendsBearer ? needed.Append("access_token") : needed))
            {
                return false;
            }

            known.UnionWith(step.Read.Keys);
        }

        return steps.Any(step => !step.IsOptional && step.Read.ContainsKey(OAuth2Login.Subject))
            && !steps.Any(step => step.IsOptional && step.Read.ContainsKey(OAuth2Login.Subject));
    }
}
