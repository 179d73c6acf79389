using System.Globalization;
using System.Net;
using Parley.Tests.ScriptedHandler;

// As "host FOLDER STORAGE" this is a program that runs the Functions host; otherwise it is the handler.
if (args is ["host", var folder, var storage])
{
    return await HostProgram.RunAsync(folder, storage);
}

using var script = new ScriptClient(new Uri(Environment.GetEnvironmentVariable("SCRIPT_URL")!));
if (await script.StartAsync(args) is { } exitCode)
{
    return exitCode;
}

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
var port = int.Parse(Environment.GetEnvironmentVariable("FUNCTIONS_CUSTOMHANDLER_PORT")!, CultureInfo.InvariantCulture);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
var app = builder.Build();
app.MapGet("/", () => Results.NotFound());
app.Map("/stream-down", context => Streaming.DownAsync(context, script));
app.Map("/stream-up", context => Streaming.UpAsync(context, script));
app.MapFallback(script.AnswerAsync);
await app.RunAsync();
await script.StoppedAsync();
return 0;
