using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace Parley.Local.Storage;

/// <summary>One running Azurite with its blob, queue and table services on 127.0.0.1.</summary>
/// <remarks>
/// It ends when its standard input closes, so also when this process is killed. Disposing closes the input, which lets it
/// write its data files, and kills it only if that takes too long.
/// Of its flags: the API version check is off because the SDK packages are newer than the emulator; telemetry is off.
/// </remarks>
public sealed partial class AzuriteProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(15);
    private readonly Process _process;
    private readonly ProcessOutput _output;

    private AzuriteProcess(Process process)
    {
        _process = process;
        _output = new ProcessOutput(process);
    }

    public StorageEndpoints Endpoints { get; private set; } = null!;

    public string ConnectionString => Endpoints.ConnectionString;

    public int ProcessId => _process.Id;

    /// <summary>The last lines that Azurite wrote to standard error, for messages.</summary>
    public string LastErrors => _output.LastErrors;

    /// <summary>Starts Azurite and waits until all three services answer.</summary>
    /// <exception cref="StartFailedException">It ended or did not answer in time.</exception>
    public static async Task<AzuriteProcess> StartAsync(AzuriteInstallation installation, AzuriteOptions options, CancellationToken cancellation)
    {
        var azurite = new AzuriteProcess(Process.Start(StartInfo(installation, options))!);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            deadline.CancelAfter(options.StartTimeout);
            azurite.Endpoints = await azurite.FindEndpointsAsync(deadline.Token);
            await AnswersAsync(azurite.Endpoints, options.Tls, deadline.Token);
            return azurite;
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            await azurite.DisposeAsync();
            throw new StartFailedException($"Azurite did not answer within {options.StartTimeout.TotalSeconds:0} s. {azurite.LastErrors}", e);
        }
        catch
        {
            await azurite.DisposeAsync();
            throw;
        }
    }

    /// <summary>Completes with the exit code when the process has ended, however it came.</summary>
    public async Task<int> WaitForExitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            try
            {
                _process.StandardInput.Close();
                await _process.WaitForExitAsync().WaitAsync(StopTimeout);
            }
            catch (Exception e) when (e is TimeoutException or IOException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync();
            }
        }

        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(AzuriteInstallation installation, AzuriteOptions options)
    {
        string[] place = options.Location is { } location ? ["--location", location] : ["--inMemoryPersistence"];
        string[] arguments =
        [
            installation.StartScript, .. place, "--silent", "--skipApiVersionCheck", "--disableTelemetry",
            "--blobHost", "127.0.0.1", "--blobPort", Text(options.BlobPort),
            "--queueHost", "127.0.0.1", "--queuePort", Text(options.QueuePort),
            "--tableHost", "127.0.0.1", "--tablePort", Text(options.TablePort),
            .. options.Tls is { } tls ? new[] { "--cert", tls.Certificate, "--key", tls.Key, "--oauth", "basic" } : [],
        ];
        string[] accounts = [StorageEndpoints.Account, .. options.FurtherAccounts];
        return new ProcessStartInfo("node", arguments)
        {
            Environment = { ["AZURITE_ACCOUNTS"] = string.Join(';', accounts.Select(account => $"{account}:{StorageEndpoints.Key}")) },
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        static string Text(int port) => port.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task<StorageEndpoints> FindEndpointsAsync(CancellationToken cancellation)
    {
        return new StorageEndpoints(await FindAsync("Blob"), await FindAsync("Queue"), await FindAsync("Table"));

        async Task<Uri> FindAsync(string service)
        {
            var line = _output.WaitForLineAsync(text => text.StartsWith($"Azurite {service} service is successfully listening", StringComparison.Ordinal), cancellation);
            var first = await Task.WhenAny(line, WaitForExitAsync(cancellation));
            if (first == line)
            {
                return new Uri(Address().Match(await line).Value);
            }

            cancellation.ThrowIfCancellationRequested();
            throw new StartFailedException($"Azurite ended with code {_process.ExitCode} while starting. {LastErrors}");
        }
    }

    private static async Task AnswersAsync(StorageEndpoints endpoints, (string Certificate, string Key)? tls, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler();
        if (tls is { } files)
        {
            using var own = X509CertificateLoader.LoadCertificateFromFile(files.Certificate);
            var hash = own.GetCertHashString();
            handler.SslOptions.RemoteCertificateValidationCallback = (_, theirs, _, _) => theirs?.GetCertHashString() == hash;
        }

        using var http = new HttpClient(handler);
        foreach (var service in new[] { endpoints.Blob, endpoints.Queue, endpoints.Table })
        {
            // Any status is an answer: without a signature it is a refusal.
            using var answer = await http.GetAsync(service, cancellation);
        }
    }

    [GeneratedRegex(@"https?://127\.0\.0\.1:\d+", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Address();
}
