using System.Text.Json.Nodes;
using Parley.Local.SignalRService.Tokens;

namespace Parley.Local.SignalRService.Rest;

/// <summary>
/// Lends a key to an identity, to sign clients' tokens with for 90 minutes.
/// <code>GET /api/v1/auth/accessKey   Authorization: Bearer {Entra token} → {"KeyId":"…","AccessKey":"…"}</code>
/// </summary>
internal sealed class KeyLending(RestCheck check, AccessKeys keys, ServiceCounters counters)
{
    public async Task InvokeAsync(HttpContext context)
    {
        counters.CountKeyCall();
        if (await check.CheckEntraTokenAsync(context) is { } error)
        {
            await error.WriteAsync(context);
            return;
        }

        var (id, key) = keys.Lend();
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(new JsonObject { ["KeyId"] = id, ["AccessKey"] = key }.ToJsonString(), context.RequestAborted);
    }
}
