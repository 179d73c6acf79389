using System.Text.RegularExpressions;

namespace Parley.Local.FunctionsHost;

/// <summary>App settings over the environment of this process, as the real host sees them: names without regard to case.</summary>
internal sealed partial class AppSettings
{
    public const string Storage = "AzureWebJobsStorage";

    private readonly Dictionary<string, string> _values;

    public AppSettings(IReadOnlyDictionary<string, string> values, string storageConnectionString)
    {
        _values = new Dictionary<string, string>(values, StringComparer.OrdinalIgnoreCase) { [Storage] = storageConnectionString };
    }

    /// <summary>The settings themselves, for the handler's environment.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    public string? this[string name] => _values.TryGetValue(name, out var value) ? value : Environment.GetEnvironmentVariable(name);

    /// <summary>Replaces each <c>%NAME%</c>; a name without a setting is left out.</summary>
    public string Expand(string text) => Placeholder().Replace(text, match => this[match.Groups["name"].Value] ?? "");

    /// <summary>Replaces each <c>%NAME%</c> in a property of a binding, where every name must be set.</summary>
    public string Resolve(string text, string file) => Placeholder().Replace(text, match =>
        this[match.Groups["name"].Value] is { Length: > 0 } value
            ? value
            : throw new InvalidFunctionAppException($"{file}: {match.Value} names no app setting."));

    /// <summary>The storage connection string that a binding's <c>connection</c> names.</summary>
    public string Connection(string? name, string file)
    {
        name = string.IsNullOrEmpty(name) ? Storage : Resolve(name, file);
        if ((this["AzureWebJobs" + name] ?? this[name]) is { Length: > 0 } connection)
        {
            return connection;
        }

        var identity = _values.Keys.Any(key => key.StartsWith(name + "__", StringComparison.OrdinalIgnoreCase));
        throw new InvalidFunctionAppException(identity
            ? $"{file}: connection '{name}' uses an identity; here only connection strings work."
            : $"{file}: connection '{name}' names no app setting.");
    }

    public bool IsDisabled(string function) =>
        IsTrue(this[$"AzureWebJobs.{function}.Disabled"]) || IsTrue(this[$"AzureWebJobs_{function}_Disabled"]);

    private static bool IsTrue(string? value) => value is "1" || (bool.TryParse(value, out var flag) && flag);

    [GeneratedRegex("%(?<name>[^%]+)%", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Placeholder();
}
