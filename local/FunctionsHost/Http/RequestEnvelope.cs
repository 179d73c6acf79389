using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Net.Http.Headers;

namespace Parley.Local.FunctionsHost;

/// <summary>An HTTP function whose request goes into the envelope: neither flag is set, or it has further bindings.</summary>
/// <remarks>
/// <c>Data.req = {Url, Method, Query, Headers, Params, Identities, Body}</c>; the answer is the http output
/// <c>{"statusCode": 200, "headers": {…}, "body": …}</c>, with <c>status</c> as another name. Source: custom handler contract, sections 4 and 5.
/// </remarks>
internal sealed class RequestEnvelope(EnvelopeInvoker invoker)
{
    public async Task InvokeAsync(FunctionDefinition function, HttpContext context)
    {
        var data = await DataAsync(context);
        var response = await invoker.InvokeAsync(function, data, Metadata(context, (JsonObject)data), context.RequestAborted);
        if (function.Outputs.OfType<HttpOutput>().FirstOrDefault() is not { } output)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await WriteAsync(context, response.OutputNamed(output.Name, returnValueIsBound: output.Name == "$return"));
    }

    private static async Task<JsonNode> DataAsync(HttpContext context)
    {
        var request = context.Request;
        var data = new JsonObject
        {
            ["Url"] = $"{request.Scheme}://{request.Host}{request.Path}{request.QueryString}",
            ["Method"] = request.Method,
            ["Query"] = Strings(request.Query.Select(pair => (pair.Key, pair.Value.ToString()))),
            ["Headers"] = new JsonObject(request.Headers.Select(header => KeyValuePair.Create<string, JsonNode?>(
                header.Key, new JsonArray([.. header.Value.Select(value => JsonValue.Create(value))])))),
            ["Params"] = Strings(request.RouteValues.Select(pair => (pair.Key, Convert.ToString(pair.Value, CultureInfo.InvariantCulture) ?? ""))),
            ["Identities"] = new JsonArray(),
        };
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, context.RequestAborted);
        if (body.Length > 0)
        {
            data["Body"] = IsBinary(request) ? Convert.ToBase64String(body.ToArray()) : Encoding.UTF8.GetString(body.ToArray());
        }

        return data;
    }

    private static JsonObject Metadata(HttpContext context, JsonObject data)
    {
        var metadata = new JsonObject { ["Query"] = data["Query"]!.DeepClone(), ["Headers"] = data["Headers"]!.DeepClone() };
        foreach (var (name, value) in context.Request.Query)
        {
            metadata[name] = EnvelopeValue.Text(value.ToString());
        }

        foreach (var (name, value) in context.Request.RouteValues)
        {
            metadata[name] = EnvelopeValue.Text(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        }

        return metadata;
    }

    private static JsonObject Strings(IEnumerable<(string Name, string Value)> pairs) =>
        new(pairs.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Name, pair.Value)));

    private static bool IsBinary(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && (type.MediaType == "application/octet-stream" || type.Type == "multipart");

    private static async Task WriteAsync(HttpContext context, JsonNode? output)
    {
        var response = context.Response;
        if (output is not JsonObject value)
        {
            await WriteBodyAsync(context, output);
            return;
        }

        response.StatusCode = Status(value);
        foreach (var (name, header) in value["headers"] as JsonObject ?? [])
        {
            response.Headers[name] = header?.ToString();
        }

        await WriteBodyAsync(context, value["body"]);
    }

    private static int Status(JsonObject output)
    {
        var status = output["statusCode"] ?? output["status"];
        return status is null ? StatusCodes.Status200OK
            : int.TryParse(status.ToString(), CultureInfo.InvariantCulture, out var code) && code is >= 100 and <= 999 ? code
            : throw new InvocationFailedException($"the http output names no status: {status.ToJsonString()}");
    }

    private static async Task WriteBodyAsync(HttpContext context, JsonNode? body)
    {
        if (body is null)
        {
            return;
        }

        var isText = body.GetValueKind() == JsonValueKind.String;
        context.Response.ContentType ??= isText ? "text/plain; charset=utf-8" : "application/json; charset=utf-8";
        await context.Response.WriteAsync(isText ? body.GetValue<string>() : body.ToJsonString(EnvelopeValue.Json), context.RequestAborted);
    }
}
