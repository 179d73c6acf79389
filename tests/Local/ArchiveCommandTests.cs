using Parley.Archives;
using Parley.Storage;
using Parley.Tasks;
using Parley.Tests.Archives;
using Parley.Tests.EndToEnd;
using Parley.Tests.Support;
using Parley.Tests.Tasks;

namespace Parley.Tests.LocalRun;

/// <summary>export and restore, as an operator uses them when nothing answers any more. Beside an environment of its own: in the shared one the app is as large as all tests together make it.</summary>
public sealed class ArchiveCommandTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task An_app_is_exported_into_a_folder_and_restored_from_it_into_another_app()
    {
        await using var environment = await LocalEnvironment.StartAsync();
        var (mia, jonas) = (await environment.ImportAsync("mia"), await environment.ImportAsync("jonas"));
        await environment.SendTextAsync(mia, jonas, "in the folder");
        var folder = Directory.CreateTempSubdirectory("parley-export-");
        try
        {
            var target = AppIds.Next();
            await RunAsync(0, "export", folder.FullName, "--data", environment.Data.Path);
            var manifest = Path.Combine(folder.FullName, ArchiveManifest.FileName);
            Assert.True(File.Exists(manifest));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(manifest));
            }

            await RunAsync(0, "restore", folder.FullName, "--storage", environment.Settings.Storage, "--sdkappid", $"{target}");
            var row = await StoredRows.ReadAsync(environment.Settings.Storage, new AccountKey(target, jonas), $"c|{mia}");
            Assert.Equal(1, row!.GetInt64("Unread"));
            var errors = await RunAsync(1, "restore", folder.FullName, "--storage", environment.Settings.Storage, "--sdkappid", $"{target}");
            Assert.Contains("The app has accounts or groups", errors, StringComparison.Ordinal);

            await File.AppendAllTextAsync(Directory.GetFiles(folder.FullName, "accounts-*").First(), "x", TestContext.Current.CancellationToken);
            errors = await RunAsync(1, "restore", folder.FullName, "--storage", environment.Settings.Storage, "--sdkappid", $"{AppIds.Next()}");
            Assert.Contains("checksum", errors, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task An_app_into_which_the_deployment_restores_something_already_is_left_to_it()
    {
        var stop = TestContext.Current.CancellationToken;
        var (time, storage) = (new ShiftedTime(TimeSpan.Zero), await azurite.ConnectionStringAsync());
        await using var instance = await AppInstance.StartAsync(azurite, new Uri("http://127.0.0.1:1"), time);
        var (source, target) = (await instance.AddAppAsync(), await instance.AddAppAsync());
        await instance.CallAsync(source, "im_open_login_svc", "account_import", """{"UserID":"mia"}""");
        var export = await ArchiveLab.ExportAsync(instance, source);
        var folder = Directory.CreateTempSubdirectory("parley-export-");
        try
        {
            await RunAsync(0, "export", folder.FullName, "--storage", storage, "--sdkappid", $"{source.SdkAppId}");
            var id = await instance.StartTaskAsync(target, "openconfigsvr", "restore_app", ArchiveLab.Request(source, export));
            await instance.Get<TaskRunner>().RunAsync(target.SdkAppId, id, stop);

            var errors = await RunAsync(1, "restore", folder.FullName, "--storage", storage, "--sdkappid", $"{target.SdkAppId}");
            var rows = await SampleApp.RowsAsync(instance, target.SdkAppId);
            await instance.FinishOkAsync(target.SdkAppId, id);

            Assert.Contains($"Another restore into app {target.SdkAppId} is under way: {id}", errors, StringComparison.Ordinal);
            Assert.DoesNotContain(rows, row => row.Table == TableNames.Accounts);
            Assert.Contains(await SampleApp.RowsAsync(instance, target.SdkAppId), row => row.Table == TableNames.Accounts);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Without_a_storage_account_and_without_an_environment_it_says_what_is_missing()
    {
        var folder = Directory.CreateTempSubdirectory("parley-export-");
        try
        {
            var errors = await RunAsync(1, "export", Path.Combine(folder.FullName, "export"), "--data", Path.Combine(folder.FullName, "data"));
            Assert.Contains("--storage", errors, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> RunAsync(int code, params string[] arguments)
    {
        await using var program = LocalProgram.Start(arguments);
        var ended = await program.WaitForExitAsync();
        Assert.True(ended == code, $"It ended with {ended} and wrote:\n{program.AllOutput}");
        return string.Join('\n', program.Errors);
    }
}
