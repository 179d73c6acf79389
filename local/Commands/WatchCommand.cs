using System.Text.Json;
using Microsoft.AspNetCore.SignalR.Client;

namespace Parley.Local.Commands;

/// <summary>Connects as an account with the official SignalR client and prints what arrives, until it is told to stop.</summary>
/// <remarks>Events go to standard output, everything else to standard error. A lost connection is made again, to wherever the environment answers then.</remarks>
internal sealed class WatchCommand(CommandLine line, DataFolder folder, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task<int> RunAsync(CancellationToken stop)
    {
        var settings = LocalSettings.TryRead(folder.Settings)
            ?? throw new StartFailedException($"No environment is running with the data folder {folder.Path}. Start one: dotnet run --project local");
        try
        {
            // Only the first attempt is an error: later ones are waits for an environment that is starting again.
            await ConnectAsync(settings, stop);
            await SayAsync("Waiting for the environment to come back.");
            while (true)
            {
                await Task.Delay(Pause, stop);
                await TryAgainAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidOperationException)
        {
            throw new StartFailedException($"'{line.Account}' could not connect to {settings.Api}: {e.Message}", e);
        }
    }

    private async Task TryAgainAsync(CancellationToken stop)
    {
        if (LocalSettings.TryRead(folder.Settings) is not { } settings)
        {
            return;
        }

        try
        {
            await ConnectAsync(settings, stop);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidOperationException)
        {
            // Still starting, or stopping again.
        }
    }

    /// <summary>Returns when the connection has been lost.</summary>
    private async Task ConnectAsync(LocalSettings settings, CancellationToken stop)
    {
        var lost = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var connection = new HubConnectionBuilder().WithUrl(ClientUrl(settings)).Build();
        connection.Closed += error =>
        {
            lost.TrySetResult(error);
            return Task.CompletedTask;
        };
        using var events = connection.On<JsonElement>("events", Print);
        await connection.StartAsync(stop);
        await SayAsync($"Connected as '{line.Account}'. Ctrl+C ends.");
        var error = await lost.Task.WaitAsync(stop);
        await SayAsync($"The connection was lost. {error?.Message}".TrimEnd());
    }

    private Uri ClientUrl(LocalSettings settings)
    {
        var sig = Rest.UserSig.Sign(line.Account, settings.SdkAppId, settings.Secret, time.GetUtcNow(), line.Validity);
        return new Uri($"{settings.Api}/client?sdkappid={settings.SdkAppId}&identifier={Uri.EscapeDataString(line.Account)}&usersig={Uri.EscapeDataString(sig)}");
    }

    private void Print(JsonElement events)
    {
        foreach (var item in events.ValueKind == JsonValueKind.Array ? events.EnumerateArray().ToArray() : [events])
        {
            Console.Out.WriteLine(line.IsJson ? JsonSerializer.Serialize(item) : EventText.Describe(item));
        }
    }

    private static Task SayAsync(string text) => Console.Error.WriteLineAsync(text);
}
