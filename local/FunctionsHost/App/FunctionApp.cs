using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Parley.Local.FunctionsHost;

/// <summary>Everything that the app folder says: host.json and the functions, read once and checked.</summary>
internal sealed partial record FunctionApp(string Folder, HostJson Host, AppSettings Settings, IReadOnlyList<FunctionDefinition> Functions)
{
    /// <exception cref="InvalidFunctionAppException">Something in the folder is wrong; the message names the file.</exception>
    public static FunctionApp Read(string folder, AppSettings settings)
    {
        folder = Path.GetFullPath(folder);
        var host = HostJson.Read(folder);
        var files = Directory.EnumerateDirectories(folder)
            .Select(child => Path.Combine(child, "function.json"))
            .Where(File.Exists)
            .Order(StringComparer.Ordinal)
            .ToList();
        if (host.CustomHandler.DefinesRoutes)
        {
            throw new InvalidFunctionAppException(files.Count > 0
                ? $"{Path.Combine(folder, "host.json")}: customHandler.http.routes and {files[0]} exclude each other."
                : $"{Path.Combine(folder, "host.json")}: customHandler.http.routes is not supported here; use function.json files.");
        }

        var functions = files.Select(file => ReadFunction(file, settings)).OfType<FunctionDefinition>().ToList();
        RefuseSharedRoutes(functions);
        RefuseReservedRoutes(functions, host.RoutePrefix);
        return new FunctionApp(folder, host, settings, functions);
    }

    /// <summary>Null when the function is disabled: then nothing else in the file matters.</summary>
    private static FunctionDefinition? ReadFunction(string path, AppSettings settings)
    {
        var name = Path.GetFileName(Path.GetDirectoryName(path)!);
        if (!FunctionName().IsMatch(name))
        {
            throw new InvalidFunctionAppException($"{path}: '{name}' is no name of a function: letters, digits, '_' and '-' after a letter.");
        }

        var file = JsonFile.Read(path);
        return settings.IsDisabled(name) || file.Flag("disabled", otherwise: false)
            ? null
            : new BindingReader(name, path, settings).Read(file);
    }

    private static void RefuseSharedRoutes(List<FunctionDefinition> functions)
    {
        var http = functions.Where(function => function.Trigger is HttpTrigger).ToList();
        for (var i = 0; i < http.Count; i++)
        {
            for (var j = i + 1; j < http.Count; j++)
            {
                var (first, second) = ((HttpTrigger)http[i].Trigger, (HttpTrigger)http[j].Trigger);
                var methodsMeet = first.Methods.Count == 0 || second.Methods.Count == 0 || first.Methods.Intersect(second.Methods).Any();
                if (methodsMeet && string.Equals(first.Route, second.Route, StringComparison.OrdinalIgnoreCase))
                {
                    throw new InvalidFunctionAppException($"{http[j].File}: function '{http[i].Name}' has the same route '{first.Route}' and method.");
                }
            }
        }
    }

    private static void RefuseReservedRoutes(List<FunctionDefinition> functions, string prefix)
    {
        foreach (var function in functions)
        {
            if (prefix.Length == 0 && function.Trigger is HttpTrigger trigger && StartsReserved(trigger.Route))
            {
                throw new InvalidFunctionAppException($"{function.File}: route '{trigger.Route}' belongs to the host itself.");
            }
        }
    }

    private static bool StartsReserved(string route) =>
        RoutePatternFactory.Parse(route).PathSegments is [{ Parts: [RoutePatternLiteralPart first] }, ..]
        && ReservedPaths.Any(reserved => string.Equals(first.Content, reserved, StringComparison.OrdinalIgnoreCase));

    /// <summary>First path segments that the host keeps for itself.</summary>
    public static readonly IReadOnlyList<string> ReservedPaths = ["admin", "runtime"];

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]*$", RegexOptions.NonBacktracking)]
    private static partial Regex FunctionName();
}
