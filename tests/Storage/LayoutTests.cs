using System.Buffers;
using System.Text;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Parley.Apps;
using Parley.Archives;
using Parley.Maintenance;
using Parley.Storage;
using Parley.Tasks;
using Parley.Tests.Archives;
using Parley.Tests.Support;

namespace Parley.Tests.Storage;

/// <summary>Layouts of tables: newer ones are refused, older ones are moved forward while the app runs.</summary>
/// <remarks>On a store of their own: a newer layout would stop all other tests.</remarks>
public sealed class LayoutTests(LayoutTests.OwnStore store) : IClassFixture<LayoutTests.OwnStore>, IAsyncLifetime
{
    private readonly AzuriteFixture _azurite = store.Azurite;
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // The rows are shared by all tests: each begins and leaves with none.
    public ValueTask InitializeAsync() => ForgetAsync();

    public ValueTask DisposeAsync() => ForgetAsync();

    [Theory]
    [InlineData(2, null)]
    [InlineData(1, 2)]
    public async Task A_table_of_a_newer_program_is_refused_before_anything_is_touched(int layout, int? next)
    {
        await using var instance = await AppInstance.StartAsync(_azurite, new Uri("http://127.0.0.1:1"), _time);
        var app = await instance.AddAppAsync();
        Assert.Equal(0, await instance.CodeAsync(app, "im_open_login_svc", "account_import", """{"UserID":"mia"}"""));
        await PutAsync(TableNames.Groups, layout, next);

        // An instance that was there before notices within five minutes.
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(70500, await instance.CodeAsync(app, "im_open_login_svc", "account_import", """{"UserID":"jonas"}"""));
        Assert.Equal(70500, await instance.CodeAsync(app, "im_open_login_svc", "account_import", """{"UserID":"jonas"}"""));
        var refusal = await Assert.ThrowsAsync<LayoutTooNewException>(() => instance.Get<AppDirectory>().FindAsync(app.SdkAppId, Stop).AsTask());
        Assert.Contains("Table groups has layout 2", refusal.Message, StringComparison.Ordinal);
        Assert.False(await instance.Get<TimerFunction>().RunAsync(Stop));
        await Assert.ThrowsAsync<LayoutTooNewException>(() => instance.Get<TaskRunner>().RunAsync(app.SdkAppId, "any", Stop));
        Assert.Empty(await StoredRows.OfAsync(await _azurite.ConnectionStringAsync(), new AccountKey(app.SdkAppId, "jonas")));

        await PutAsync(TableNames.Groups, 1, null);
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(0, await instance.CodeAsync(app, "im_open_login_svc", "account_import", """{"UserID":"jonas"}"""));
    }

    [Fact]
    public async Task Layouts_are_looked_at_once_in_five_minutes_beside_the_app()
    {
        await using var instance = await AppInstance.StartAsync(_azurite, new Uri("http://127.0.0.1:1"), _time);
        var app = await instance.AddAppAsync();
        instance.Storage.ResetCounts();

        await instance.Get<AppDirectory>().FindAsync(app.SdkAppId, Stop);
        Assert.Equal((1, 1, 2), (instance.Storage.Count(RequestKind.Get), instance.Storage.Count(RequestKind.Query), instance.Storage.Requests.Count));
        for (var minute = 0; minute < 4; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await instance.Get<AppDirectory>().FindAsync(app.SdkAppId, Stop);
        }

        Assert.Equal((5, 1), (instance.Storage.Count(RequestKind.Get), instance.Storage.Count(RequestKind.Query)));
    }

    [Fact]
    public async Task The_first_run_of_the_timer_writes_down_what_there_is()
    {
        await using var instance = await AppInstance.StartAsync(_azurite, new Uri("http://127.0.0.1:1"), _time);

        await instance.Get<LayoutMigrator>().RunAsync(Stop);

        Assert.Equal(TableNames.Tables.ToDictionary(table => table, _ => 1), await instance.Get<TableLayouts>().ReadStoredAsync(Stop));
    }

    [Fact]
    public async Task Rows_are_moved_page_by_page_after_an_announcement_while_they_are_written_to_and_whatever_breaks_off()
    {
        await using var instance = await AppInstance.StartAsync(_azurite, new Uri("http://127.0.0.1:1"), _time);
        var app = AppIds.Next();
        var table = instance.Get<TableStore>().DeadLetters;
        for (var n = 0; n < 30; n++)
        {
            await table.AddEntityAsync(new TableEntity($"old-{app}", $"{n:D3}") { ["Text"] = $"{n}", ["App"] = (long)app }, Stop);
        }

        var migration = new Move(app);
        var (layouts, migrator) = Compose(instance, migration);
        Assert.Equal(2, layouts.CurrentOf(TableNames.DeadLetters));
        await migrator.RunAsync(Stop);
        await migrator.RunAsync(Stop);
        Assert.Equal(30, await CountAsync($"old-{app}"));

        // Older programs refuse from the announcement on; no row is moved before all of them have seen it.
        _time.Advance(TimeSpan.FromMinutes(6));
        await Assert.ThrowsAsync<LayoutTooNewException>(() => instance.Get<TableLayouts>().CheckAsync(Stop).AsTask());
        await layouts.CheckAsync(Stop);
        await migrator.RunAsync(Stop);
        Assert.Equal(30, await CountAsync($"old-{app}"));

        _time.Advance(TimeSpan.FromMinutes(5));
        var count = 0;
        instance.Storage.Plan = request => request.IsWrite && Interlocked.Increment(ref count) > 20 ? Fault.DropBefore : Fault.None;
        await Assert.ThrowsAnyAsync<Exception>(() => migrator.RunAsync(Stop));
        instance.Storage.Plan = FaultPlans.None;
        Assert.InRange(await CountAsync($"old-{app}"), 1, 29);
        migration.Meanwhile = () => table.UpsertEntity(new TableEntity($"old-{app}", "029") { ["Text"] = "changed meanwhile", ["App"] = (long)app }, TableUpdateMode.Replace, Stop);
        await migrator.RunAsync(Stop);

        Assert.Equal((0, 30), (await CountAsync($"old-{app}"), await CountAsync($"new-{app}")));
        Assert.Equal("changed meanwhile", (await table.GetEntityAsync<TableEntity>($"new-{app}", "029", cancellationToken: Stop)).Value.GetString("Text"));
        Assert.Equal(2, (await layouts.ReadStoredAsync(Stop))[TableNames.DeadLetters]);
        await migrator.RunAsync(Stop);
        Assert.Equal(30, await CountAsync($"new-{app}"));

        async Task<int> CountAsync(string partition) =>
            (await table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {partition}")).ToListAsync(Stop)).Count;
    }

    [Fact]
    public async Task An_export_of_an_older_layout_is_moved_forward_as_it_is_restored_and_one_of_a_newer_is_refused()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(_azurite, signalR.Endpoint, _time);
        var source = await SampleApp.CreateAsync(instance);
        var archive = new MemoryArchive();
        var export = ExportProgress.Begin(source.App.SdkAppId, "e1", _time.GetUtcNow());
        while (!export.IsDone)
        {
            export = await instance.Get<AppExport>().StepAsync(export, archive, Stop);
        }

        var target = AppIds.Next();
        var (layouts, _) = Compose(instance, new Rename());
        var restore = RestoreWith(instance, layouts);
        await RestoreAsync(restore, archive, new RestoreParameters(source.App.SdkAppId, "e1", target, export.Checksum!, false));

        var mia = await StoredRows.ReadAsync(await _azurite.ConnectionStringAsync(), new AccountKey(target, "mia"), "a");
        Assert.Equal(("Mia", false), (mia!.GetString("NickName"), mia.ContainsKey("Nick")));

        // The same, made by the program that writes layout 2.
        var newer = ExportProgress.Begin(source.App.SdkAppId, "e2", _time.GetUtcNow()) with { Layouts = new Dictionary<string, int> { [TableNames.Accounts] = 2 } };
        while (!newer.IsDone)
        {
            newer = await instance.Get<AppExport>().StepAsync(newer, archive, Stop);
        }

        var refusal = await Assert.ThrowsAsync<TaskRefusedException>(() => instance.Get<AppRestore>().ReadManifestAsync(archive, newer.Checksum!, Stop));
        Assert.Contains("Table accounts has layout 2", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_of_any_types_is_the_same_after_it_was_a_line()
    {
        var row = new TableEntity("p|ä", "r|1")
        {
            ["Text"] = "with \"quotes\" and 午\n",
            ["Empty"] = "",
            ["Yes"] = true,
            ["No"] = false,
            ["Long"] = long.MinValue,
            ["Int"] = int.MaxValue,
            ["Double"] = 0.1,
            ["Time"] = new DateTimeOffset(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero),
            ["Guid"] = Guid.Parse("6f0d2f0a-4a1f-4b0e-9a57-2f4b6f1d7c3e"),
            ["Bytes"] = new byte[] { 0, 1, 255 },
        };
        var line = new ArrayBufferWriter<byte>();

        RowText.Write(line, row, isLate: true);
        var read = RowText.Read(line.WrittenMemory[..^1]);

        Assert.True(read.IsLate);
        Assert.Equal(row.Keys.Order(), read.Row.Keys.Order());
        Assert.All(row.Keys, key => Assert.Equal(row[key], read.Row[key]));
        Assert.True(RowText.Same(row, read.Row));
        Assert.Throws<FormatException>(() => RowText.Read(Encoding.UTF8.GetBytes("""{"p":"a"}""")));
        Assert.Throws<FormatException>(() => RowText.Read(Encoding.UTF8.GetBytes("""{"p":"a","r":"b","c":{"x":{"Int128":"1"}}}""")));
        Assert.Throws<FormatException>(() => RowText.Read(Encoding.UTF8.GetBytes("not json")));
    }

    private (TableLayouts Layouts, LayoutMigrator Migrator) Compose(AppInstance instance, ILayoutMigration migration)
    {
        var layouts = new TableLayouts(instance.Get<TableStore>(), [migration], _time);
        return (layouts, new LayoutMigrator(instance.Get<TableStore>(), layouts, [migration], _time, NullLogger<LayoutMigrator>.Instance));
    }

    private AppRestore RestoreWith(AppInstance instance, TableLayouts layouts) => new(
        layouts, instance.Get<AppClosure>(), instance.Get<AppContents>(), instance.Get<ArchiveVerification>(),
        new ArchiveWriting(instance.Get<TableStore>(), instance.Get<BlobStore>(), layouts), instance.Get<LateRowMending>(), _time);

    private async Task RestoreAsync(AppRestore restore, IArchive archive, RestoreParameters parameters)
    {
        for (var progress = RestoreProgress.Begin(parameters, _time.GetUtcNow()); progress.Stage != RestoreStage.Done;)
        {
            progress = await restore.StepAsync(progress, archive, Stop);
        }
    }

    private async Task PutAsync(string table, int layout, int? next)
    {
        var row = new TableEntity(TableLayouts.Partition, table) { ["Layout"] = layout };
        row.SetOrOmit("Next", next);
        await new TableClient(await _azurite.ConnectionStringAsync(), TableNames.Apps).UpsertEntityAsync(row, TableUpdateMode.Replace, Stop);
    }

    private async ValueTask ForgetAsync()
    {
        await Parley.Local.Storage.StorageLayout.CreateAsync(await _azurite.ConnectionStringAsync(), CancellationToken.None);
        var apps = new TableClient(await _azurite.ConnectionStringAsync(), TableNames.Apps);
        foreach (var table in TableNames.Tables)
        {
            await apps.DeleteEntityAsync(TableLayouts.Partition, table);
        }
    }

    public sealed class OwnStore : IAsyncDisposable
    {
        public AzuriteFixture Azurite { get; } = new();

        public ValueTask DisposeAsync() => Azurite.DisposeAsync();
    }

    /// <summary>Moves dead letters of a test to another partition.</summary>
    private sealed class Move(uint app) : ILayoutMigration
    {
        public Action? Meanwhile { get; set; }

        public string Table => TableNames.DeadLetters;

        public int To => 2;

        public string Filter => TableClient.CreateQueryFilter($"App eq {(long)app}");

        public IReadOnlyList<TableEntity> Migrate(TableEntity row)
        {
            if (Meanwhile is { } meanwhile)
            {
                Meanwhile = null;
                meanwhile();
            }

            var moved = row.Copy();
            moved.PartitionKey = row.PartitionKey.Replace("old-", "new-", StringComparison.Ordinal);
            return [moved];
        }
    }

    /// <summary>Gives a column of accounts another name.</summary>
    private sealed class Rename : ILayoutMigration
    {
        public string Table => TableNames.Accounts;

        public int To => 2;

        public string Filter => "RowKey eq 'a'";

        public IReadOnlyList<TableEntity> Migrate(TableEntity row)
        {
            if (row.RowKey != "a" || row.GetString("Nick") is not { } nick)
            {
                return [row];
            }

            var renamed = row.Copy();
            renamed.Remove("Nick");
            renamed["NickName"] = nick;
            return [renamed];
        }
    }

    private sealed class MemoryArchive : IArchive
    {
        private readonly Dictionary<string, byte[]> _files = [];

        public async Task WriteAsync(string name, Stream content, CancellationToken cancellation)
        {
            using var copy = new MemoryStream();
            await content.CopyToAsync(copy, cancellation);
            _files[name] = copy.ToArray();
        }

        public Task<Stream> OpenReadAsync(string name, CancellationToken cancellation) =>
            _files.TryGetValue(name, out var content) ? Task.FromResult<Stream>(new MemoryStream(content)) : throw new FileNotFoundException("None.", name);
    }
}
