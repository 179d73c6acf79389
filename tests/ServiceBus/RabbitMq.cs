using System.Diagnostics;
using System.Text;
using Amqp;
using Amqp.Framing;
using Parley.Local;
using Parley.Local.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.ServiceBus;

/// <summary>
/// RabbitMQ with AMQP 1.0, a node of its own: loopback ports that were free, data and cookie in a temporary folder. It is installed if need be, and
/// starts with the first test that asks for it.
/// </summary>
public sealed class RabbitMq : IAsyncDisposable
{
    // Not Debian's wrapper, which wants to be root and to become another user.
    private const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private const string Plugin = "rabbitmq_amqp1_0";

    // Runs a program until its own input is closed, so that it ends with this process however that ends.
    private const string UntilEndOfInput = """exec 3<&0; "$0" "$@" 3<&- & child=$!; (read _ <&3; kill -TERM "$child") & wait "$child" """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("parley-rabbit-");
    private readonly int _port = LoopbackPort.AnyFree();
    private readonly int _distributionPort = LoopbackPort.AnyFree();
    private readonly int _mapperPort = LoopbackPort.AnyFree();
    private readonly string _node = $"parley{Guid.NewGuid():N}@localhost";
    private Process? _mapper;
    private Process? _broker;
    private ProcessOutput? _output;

    public string ConnectionString => $"Endpoint=amqp://127.0.0.1:{_port};SharedAccessKeyName=guest;SharedAccessKey=guest";

    public async Task StartedAsync()
    {
        if (_broker is null)
        {
            await AptPackages.EnsureAsync("rabbitmq-server", Server);
            WriteSettings();
            await StartAsync();
        }
    }

    /// <summary>Starts the broker over the data that it left.</summary>
    public async Task StartAsync()
    {
        // Erlang would start it as a daemon that outlives the node.
        _mapper ??= Start("epmd", ["-port", $"{_mapperPort}", "-address", "127.0.0.1"], out _);
        _broker = Start(Server, [], out _output);
        await Eventually.GetAsync("RabbitMQ to answer", async () => _broker.HasExited
            ? throw new InvalidOperationException($"RabbitMQ ended with code {_broker.ExitCode}. {_output!.LastErrors}")
            : await TryConnectAsync(), LocalProgram.Patience);
    }

    /// <summary>Ends the broker; queues and durable messages stay.</summary>
    public async Task StopAsync()
    {
        await EndAsync(_broker);
        _broker = null;
    }

    public async Task<Connection> ConnectAsync() =>
        await new ConnectionFactory().CreateAsync(new Address("127.0.0.1", _port, "guest", "guest", "/", "amqp"));

    /// <summary>Makes a queue that outlives the broker's process; one that a link brings about by its name does not.</summary>
    /// <returns>The address of the queue that is there.</returns>
    public async Task<string> DeclareAsync(string queue)
    {
        const uint UnsettledState = 2;
        var connection = await ConnectAsync();
        var attached = new TaskCompletionSource();
        var target = new Target { Address = $"/queue/{queue}", Durable = UnsettledState };
        _ = new SenderLink(new Session(connection), "declare", target, (_, _) => attached.TrySetResult());
        await attached.Task.WaitAsync(Eventually.Deadline);
        await connection.CloseAsync();
        return $"/amq/queue/{queue}";
    }

    /// <summary>Takes the messages of a queue until there are so many.</summary>
    public async Task<IReadOnlyList<Message>> ReceiveAsync(string queue, int count)
    {
        var connection = await ConnectAsync();
        var link = new ReceiverLink(new Session(connection), "receiver", queue);
        var messages = new List<Message>();
        while (messages.Count < count)
        {
            var message = await link.ReceiveAsync(Eventually.Deadline) ?? throw new TimeoutException($"{messages.Count} of {count} messages came.");
            link.Accept(message);
            messages.Add(message);
        }

        await connection.CloseAsync();
        return messages;
    }

    public static string Text(Message message) => Encoding.UTF8.GetString(((Data)message.BodySection).Binary);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await EndAsync(_mapper);
        _folder.Delete(recursive: true);
    }

    private async Task<bool> TryConnectAsync()
    {
        try
        {
            await (await ConnectAsync()).CloseAsync();
            return true;
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or AmqpException or IOException or TimeoutException)
        {
            return false;
        }
    }

    private void WriteSettings()
    {
        File.WriteAllText(PathOf("rabbitmq.conf"), $"listeners.tcp.1 = 127.0.0.1:{_port}\nlog.file = false\nlog.console = true\nlog.console.level = warning\n");

        // Since RabbitMQ 4 the protocol is built in; the plugin is there for the sake of old settings.
        File.WriteAllText(PathOf("enabled_plugins"), $"[{Plugin}].");
    }

    private Process Start(string program, string[] arguments, out ProcessOutput output)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", UntilEndOfInput, program, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.FullName,
            Environment =
            {
                ["HOME"] = _folder.FullName,
                ["RABBITMQ_NODENAME"] = _node,
                ["RABBITMQ_CONFIG_FILE"] = PathOf("rabbitmq.conf"),
                ["RABBITMQ_ADVANCED_CONFIG_FILE"] = PathOf("none"),
                ["RABBITMQ_CONF_ENV_FILE"] = PathOf("none"),
                ["RABBITMQ_ENABLED_PLUGINS_FILE"] = PathOf("enabled_plugins"),
                ["RABBITMQ_MNESIA_BASE"] = PathOf("data"),
                ["RABBITMQ_LOG_BASE"] = PathOf("log"),
                ["RABBITMQ_LOGS"] = "-",
                ["RABBITMQ_PID_FILE"] = PathOf("pid"),
                ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
                ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
                ["ERL_EPMD_PORT"] = $"{_mapperPort}",
                ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            },
        };
        var process = Process.Start(start)!;
        output = new ProcessOutput(process);
        return process;
    }

    private static async Task EndAsync(Process? process)
    {
        if (process is not null)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync().WaitAsync(LocalProgram.Patience);
            process.Dispose();
        }
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);
}
