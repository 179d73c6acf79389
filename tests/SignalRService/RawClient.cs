using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.SignalRService;

/// <summary>A bare web socket that speaks the JSON hub protocol by hand: sees every byte, pings only when told, may refuse to read.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly List<byte> _received = [];

    /// <summary>The connection's id is unknown to a client that skips negotiation.</summary>
    public static async Task<RawClient> ConnectAsync(TestService service, string user, string query = "")
    {
        var client = await OpenAsync(service, user, query);
        await client.SendAsync("""{"protocol":"json","version":1}""");
        Assert.Equal("{}", await client.NextAsync());
        return client;
    }

    /// <summary>Connected, but without a handshake.</summary>
    public static async Task<RawClient> OpenAsync(TestService service, string user, string query = "")
    {
        var client = new RawClient();
        var url = service.ClientUrl().Replace("http", "ws", StringComparison.Ordinal);
        await client._socket.ConnectAsync(new Uri($"{url}&access_token={service.ClientToken(user)}{query}"), TestService.Stop);
        return client;
    }

    public async Task SendAsync(string message) => await SendBytesAsync(message + "\u001e");

    public async Task SendBytesAsync(string text) =>
        await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, TestService.Stop);

    /// <summary>The next message, pings included; null at the end of the connection.</summary>
    public async Task<string?> NextAsync()
    {
        var part = new byte[16 * 1024];
        while (true)
        {
            var end = _received.IndexOf(0x1E);
            if (end >= 0)
            {
                var message = Encoding.UTF8.GetString([.. _received[..end]]);
                _received.RemoveRange(0, end + 1);
                return message;
            }

            var read = await _socket.ReceiveAsync(part, TestService.Stop).WaitAsync(Eventually.Deadline);
            if (read.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            _received.AddRange(part.AsSpan(0, read.Count));
        }
    }

    public async Task<JsonNode> NextJsonAsync() => JsonNode.Parse(await NextAsync() ?? throw new InvalidOperationException("The connection ended."))!;

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
