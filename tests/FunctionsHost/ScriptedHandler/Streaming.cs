namespace Parley.Tests.ScriptedHandler;

/// <summary>Bodies in two parts: the test decides when the second one may come.</summary>
internal static class Streaming
{
    public static async Task DownAsync(HttpContext context, ScriptClient script)
    {
        await context.Response.WriteAsync("first\n");
        await context.Response.Body.FlushAsync();
        await script.CallAsync(context, "");
        await context.Response.WriteAsync("second\n");
    }

    public static async Task UpAsync(HttpContext context, ScriptClient script)
    {
        using var reader = new StreamReader(context.Request.Body);
        while (await reader.ReadLineAsync() is { } line)
        {
            await script.CallAsync(context, line);
        }
    }
}
