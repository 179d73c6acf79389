using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Parley.Apps;
using Parley.Rest;

namespace Parley.Tests.Support;

/// <summary>Calls commands of services inside the test process, for an app of the test's own.</summary>
internal static class AppCalls
{
    /// <summary>As the front end passes calls on; the last address is the caller's.</summary>
    private const string ForwardedFor = "198.51.100.9, 203.0.113.7:49152";

    private const string Secret = "a secret of the tests";

    /// <summary>Stores an app beside the one that tests share.</summary>
    public static async Task<App> AddAppAsync(this AppInstance instance, Func<App, App>? change = null)
    {
        var app = new App { SdkAppId = AppIds.Next(), Name = "Own", Company = "Tests Inc.", Secrets = [Secret], Admins = ["administrator"] };
        app = change?.Invoke(app) ?? app;
        Assert.True(await instance.Get<AppTable>().TryAddAsync(app, CancellationToken.None));
        return app;
    }

    /// <summary>Calls a command as an administrator, or as somebody else.</summary>
    public static async Task<JsonElement> CallAsync(
        this AppInstance instance, App app, string service, string command, string body, string identifier = "administrator")
    {
        var now = instance.Get<TimeProvider>().GetUtcNow();
        var http = new DefaultHttpContext();
        http.Request.RouteValues["service"] = service;
        http.Request.RouteValues["command"] = command;
        http.Request.QueryString = QueryString.Create("sdkappid", app.SdkAppId.ToString(CultureInfo.InvariantCulture))
            .Add("identifier", identifier).Add("usersig", UserSig.Sign(identifier, app.SdkAppId, Secret, now, TimeSpan.FromHours(1)));
        http.Request.Headers["X-Forwarded-For"] = ForwardedFor;
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        http.Response.Body = new MemoryStream();
        await instance.Get<CommandEndpoint>().HandleAsync(http);
        http.Response.Body.Position = 0;
        using var answer = await JsonDocument.ParseAsync(http.Response.Body);
        return answer.RootElement.Clone();
    }

    public static async Task<int> CodeAsync(
        this AppInstance instance, App app, string service, string command, string body, string identifier = "administrator") =>
        (await instance.CallAsync(app, service, command, body, identifier)).GetProperty("ErrorCode").GetInt32();
}
