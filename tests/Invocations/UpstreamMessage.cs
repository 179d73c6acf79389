using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR.Protocol;
using Parley.Connections;
using Parley.Tests.Support;

namespace Parley.Tests.Invocations;

/// <summary>Messages of clients, posted to an app in this process as the service posts them.</summary>
internal static class UpstreamMessage
{
    /// <summary>A message as an official client writes it, without its framing.</summary>
    public static byte[] Call(this IHubProtocol protocol, string? id, params object?[] arguments) => Invocation(protocol, id, "call", arguments);

    /// <summary>As <see cref="Call"/>, of any method.</summary>
    public static byte[] Invocation(this IHubProtocol protocol, string? id, string target, params object?[] arguments)
    {
        var frame = protocol.GetMessageBytes(new InvocationMessage(id, target, arguments)).ToArray();
        if (protocol == Completion.Json)
        {
            return frame[..^1];
        }

        var prefix = 1;
        while ((frame[prefix - 1] & 0x80) != 0)
        {
            prefix++;
        }

        return frame[prefix..];
    }

    /// <summary>Posts a message and reads its completion.</summary>
    public static async Task<Completion> InvokeAsync(this AppInstance app, IHubProtocol protocol, string account, byte[] message)
    {
        var (status, contentType, answer) = await app.PostMessageAsync(app.Key(account).SignalRUser, ContentType(protocol), message);
        Assert.Equal(200, status);
        Assert.Equal(ContentType(protocol), contentType);
        return Completion.Read(protocol, answer);
    }

    /// <summary>Posts a message for any user.</summary>
    public static async Task<(int Status, string? ContentType, byte[] Answer)> PostMessageAsync(
        this AppInstance app, string user, string contentType, byte[] message)
    {
        using var answer = new MemoryStream();
        var http = new DefaultHttpContext();
        http.Request.RouteValues["secret"] = new string('s', 32);
        http.Request.Headers["X-ASRS-Connection-Id"] = "c1";
        http.Request.Headers["X-ASRS-Hub"] = $"parley_{user.Split(':')[0]}";
        http.Request.Headers["X-ASRS-Category"] = "messages";
        http.Request.Headers["X-ASRS-Event"] = "call";
        http.Request.Headers["X-ASRS-User-Id"] = user;
        http.Request.Headers["X-ASRS-Signature"] =
            $"sha256={Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(AppInstance.AccessKey), "c1"u8))}";
        http.Request.ContentType = contentType;
        http.Request.Body = new MemoryStream(message);
        http.Response.Body = answer;

        await app.Get<Upstream>().HandleAsync(http);

        return (http.Response.StatusCode, http.Response.ContentType, answer.ToArray());
    }

    public static string ContentType(IHubProtocol protocol) => protocol == Completion.Json ? "application/json" : "application/x-msgpack";
}
