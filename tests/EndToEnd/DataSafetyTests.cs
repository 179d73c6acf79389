using System.Security.Cryptography;
using System.Text.Json;
using Parley.Storage;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

/// <summary>Exports, history files and erasure through the program as it is deployed: commands, work queue, files behind links.</summary>
public sealed class DataSafetyTests(LocalEnvironmentFixture fixture)
{
    [Fact]
    public async Task An_app_is_exported_through_the_work_queue_and_its_files_are_behind_links()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await environment.SendTextAsync(mia, jonas, "in the export");
        var id = (await environment.Api.CallOkAsync("openconfigsvr", "export_app", new { })).GetProperty("TaskId").GetString()!;

        var done = await FinishedAsync(environment, id);

        using var http = new HttpClient();
        var manifest = done.GetProperty("File")[0];
        var bytes = await http.GetByteArrayAsync(new Uri(manifest.GetProperty("URL").GetString()!), TestContext.Current.CancellationToken);
        Assert.Equal(manifest.GetProperty("FileSHA256").GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes)));
        var exported = JsonElement.Parse(bytes);
        Assert.Equal(environment.Settings.SdkAppId, exported.GetProperty("SdkAppId").GetUInt32());
        Assert.True(exported.GetProperty("Rows").GetProperty("accounts").GetInt64() > 6);
        var body = new { ExportId = id, Checksum = manifest.GetProperty("FileSHA256").GetString() };
        Assert.Equal(70402, (await environment.Api.CallAsync("openconfigsvr", "restore_app", body)).GetProperty("ErrorCode").GetInt32());
        Assert.Contains(id, (await environment.Api.CallOkAsync("openconfigsvr", "list_tasks", new { })).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_is_exported_and_erased_through_the_work_queue()
    {
        var environment = await fixture.StartedAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await environment.SendTextAsync(mia, jonas, "of mia");
        await environment.SendTextAsync(jonas, mia, "of jonas");

        var export = await StartAsync(environment, "export_account", mia);
        var file = (await FinishedAsync(environment, export)).GetProperty("File")[0];
        using var http = new HttpClient();
        var document = await http.GetStringAsync(new Uri(file.GetProperty("URL").GetString()!), TestContext.Current.CancellationToken);
        Assert.Contains("of mia", document, StringComparison.Ordinal);
        var erased = await FinishedAsync(environment, await StartAsync(environment, "erase_account", mia));

        Assert.Equal(1, erased.GetProperty("Task").GetProperty("Counts").GetProperty("Messages").GetInt32());
        Assert.Empty(await StoredRows.OfAsync(environment.Settings.Storage, new AccountKey(environment.Settings.SdkAppId, mia)));
        var log = await environment.LogAsync(jonas, mia);
        Assert.Contains(log, entry => entry.GetRawText().Contains("of jonas", StringComparison.Ordinal));
        Assert.DoesNotContain(log, entry => entry.GetRawText().Contains("of mia", StringComparison.Ordinal));
        Assert.Equal(70402, (await environment.Api.CallAsync("openconfigsvr", "get_task", new { TaskId = export })).GetProperty("ErrorCode").GetInt32());
    }

    private static async Task<string> StartAsync(LocalEnvironment environment, string command, string account) =>
        (await environment.Api.CallOkAsync("im_open_login_svc", command, new { UserID = account })).GetProperty("TaskId").GetString()!;

    private static async Task<JsonElement> FinishedAsync(LocalEnvironment environment, string id)
    {
        var done = await Eventually.GetAsync<JsonElement?>($"task {id}", AskAsync, LocalProgram.Patience);
        return done!.Value;

        async Task<JsonElement?> AskAsync()
        {
            var answer = await environment.Api.CallOkAsync("openconfigsvr", "get_task", new { TaskId = id });
            var state = answer.GetProperty("Task").GetProperty("State").GetString();
            Assert.NotEqual("Failed", state);
            return state == "Done" ? answer : null;
        }
    }
}
