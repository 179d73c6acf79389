using Parley;
using Parley.Callbacks;
using Parley.Connections;
using Parley.Delivery;
using Parley.Health;
using Parley.Logins;
using Parley.Maintenance;
using Parley.Rest;
using Parley.Storage;
using Parley.Telemetry;

var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseUrls($"http://127.0.0.1:{builder.Configuration["FUNCTIONS_CUSTOMHANDLER_PORT"] ?? "0"}");
// The host's own limit on requests; what is smaller is refused in the API's own way.
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 100 * 1024 * 1024);
// The host takes each line of standard output for an entry of its own.
builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
builder.AddTelemetryExport();
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddParley();

var app = builder.Build();
app.MapFunction<CommandEndpoint>("/v4/{service}/{command}", (endpoint, http) => endpoint.HandleAsync(http));
app.MapFunction<Negotiate>("/client/negotiate", (negotiate, http) => negotiate.HandleAsync(http));
app.MapFunction<Login>("/client/login", (login, http) => login.HandleAsync(http));
app.MapFunction<Upstream>("/upstream/{secret}", (upstream, http) => upstream.HandleAsync(http));
app.MapFunction<DeliverFunction>("/deliver", (function, http) => function.HandleAsync(http));
app.MapFunction<CallbackFunction>("/callback", (function, http) => function.HandleAsync(http));
app.MapFunction<TimerFunction>("/timer", (function, http) => function.HandleAsync(http));
app.MapHealth();

// A missing setting stops the start, not the first request.
app.Services.GetRequiredService<TableStore>();
await app.RunAsync();
