using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Parley.Tests.Support;

namespace Parley.Tests.SignalRService;

/// <summary>An official .NET client that keeps the texts of target "note" in order of arrival.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    private readonly Channel<string> _notes = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource<Exception?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestClient(HubConnection connection)
    {
        Connection = connection;
        connection.On<string>("note", note => _notes.Writer.TryWrite(note));
        connection.Closed += error =>
        {
            _closed.TrySetResult(error);
            return Task.CompletedTask;
        };
    }

    public HubConnection Connection { get; }

    public string Id => Connection.ConnectionId!;

    /// <summary>Ends with the connection; holds the error that the client reports.</summary>
    public Task<Exception?> ClosedAsync() => _closed.Task.WaitAsync(Eventually.Deadline, TestService.Stop);

    public static async Task<TestClient> ConnectAsync(string url, string token, HttpTransportType transport, bool messagePack)
    {
        var builder = new HubConnectionBuilder().WithUrl(url, transport, http => http.AccessTokenProvider = () => Task.FromResult<string?>(token));
        if (messagePack)
        {
            builder.AddMessagePackProtocol();
        }

        var client = new TestClient(builder.Build());
        try
        {
            await client.Connection.StartAsync(TestService.Stop);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    public async Task<string> NextNoteAsync() => await _notes.Reader.ReadAsync(TestService.Stop).AsTask().WaitAsync(Eventually.Deadline);

    public async Task<IReadOnlyList<string>> NextNotesAsync(int count)
    {
        var notes = new List<string>();
        while (notes.Count < count)
        {
            notes.Add(await NextNoteAsync());
        }

        return notes;
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
