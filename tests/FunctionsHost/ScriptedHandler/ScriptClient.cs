using System.Collections;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;

namespace Parley.Tests.ScriptedHandler;

/// <summary>Asks the test what to do: at the start, for every request, and tells it of an orderly end.</summary>
/// <remarks>
/// <c>POST /start</c> with <c>{ProcessId, Arguments, Directory, Environment}</c> gives <c>{ExitCode?}</c>;
/// <c>POST /call</c> with <c>{ProcessId, Method, Target, Headers, Body}</c> gives <c>{Status, Headers, Body, ExitCode?, Out?, Error?}</c>.
/// </remarks>
internal sealed class ScriptClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };

    /// <returns>The code to end with at once, or null to serve.</returns>
    public async Task<int?> StartAsync(string[] arguments)
    {
        var environment = new JsonObject();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            environment[(string)variable.Key] = (string?)variable.Value;
        }

        var answer = await PostAsync("start", new JsonObject
        {
            ["ProcessId"] = Environment.ProcessId,
            ["Arguments"] = new JsonArray([.. arguments.Select(argument => JsonValue.Create(argument))]),
            ["Directory"] = Environment.CurrentDirectory,
            ["Environment"] = environment,
        });
        return (int?)answer["ExitCode"];
    }

    public async Task StoppedAsync() => await PostAsync("stopped", new JsonObject { ["ProcessId"] = Environment.ProcessId });

    public async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var answer = await CallAsync(context, await reader.ReadToEndAsync());
        if ((int?)answer["ExitCode"] is { } code)
        {
            Environment.Exit(code);
        }

        context.Response.StatusCode = (int)answer["Status"]!;
        foreach (var (name, value) in answer["Headers"]!.AsObject())
        {
            context.Response.Headers[name] = (string?)value;
        }

        await context.Response.WriteAsync((string)answer["Body"]!);
    }

    public async Task<JsonNode> CallAsync(HttpContext context, string body)
    {
        var request = context.Request;
        var answer = await PostAsync("call", new JsonObject
        {
            ["ProcessId"] = Environment.ProcessId,
            ["Method"] = request.Method,
            ["Target"] = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            ["Headers"] = new JsonObject(request.Headers.Select(header => KeyValuePair.Create<string, JsonNode?>(header.Key, header.Value.ToString()))),
            ["Body"] = body,
        });
        if ((string?)answer["Out"] is { } line)
        {
            Console.WriteLine(line);
        }

        if ((string?)answer["Error"] is { } error)
        {
            await Console.Error.WriteLineAsync(error);
        }

        return answer;
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> PostAsync(string path, JsonObject body)
    {
        using var response = await _http.PostAsJsonAsync(path, body);
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }
}
