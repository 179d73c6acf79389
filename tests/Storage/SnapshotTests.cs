using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Azure.Data.Tables;
using Microsoft.Extensions.Time.Testing;
using Parley.Apps;
using Parley.Archives;
using Parley.Groups.Membership;
using Parley.Profiles;
using Parley.Storage;
using Parley.Tests.Archives;
using Parley.Tests.Packaging;
using Parley.Tests.Support;

namespace Parley.Tests.Storage;

/// <summary>
/// The rows of an app as each released layout has them, committed: <c>Snapshots/layout-1.jsonl</c>, a line for each row, table and row with a space between, and <c>layout-1-2.jsonl</c>, <c>layout-1-3.jsonl</c>
/// with the rows and columns that came since. They were made by the commands of their time. Today's program must serve all of them.
/// </summary>
/// <remarks>
/// A change of what is stored fails here. If it is meant: a column that may be missing needs no new layout, and the snapshot stays as it is beside a newer one; else raise the layout with an
/// <see cref="ILayoutMigration"/>. PARLEY_SNAPSHOT=FILE has the first test write what today's program stores.
/// </remarks>
[Collection(SweepCollection.Name)]
public sealed partial class SnapshotTests(AzuriteFixture azurite)
{
    private const string Latest = "layout-1-3.jsonl";

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Released => [.. Directory.GetFiles(Checkout.PathOf("tests", "Storage", "Snapshots"), "layout-*.jsonl").Select(file => Path.GetFileName(file)!)];

    [Fact]
    public async Task Todays_program_stores_the_kinds_of_rows_and_columns_that_the_latest_snapshot_has()
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var app = await SampleApp.CreateAsync(instance);
        var rows = await SampleApp.RowsAsync(instance, app.App.SdkAppId);
        if (Environment.GetEnvironmentVariable("PARLEY_SNAPSHOT") is { Length: > 0 } file)
        {
            await File.WriteAllTextAsync(file, string.Concat(rows.Select(row => LineOf(row.Table, row.Row, app.App.SdkAppId))), Stop);
        }

        Assert.Equal(ShapeOf(Read(Latest)), ShapeOf(rows));
    }

    [Theory]
    [MemberData(nameof(Released))]
    public async Task Todays_program_serves_what_a_released_layout_has(string snapshot)
    {
        await using var signalR = await AppInstance.StartSignalRAsync();
        await using var instance = await AppInstance.StartAsync(azurite, signalR.Endpoint, _time);
        var (sdkAppId, layout) = (AppIds.Next(), int.Parse(Number().Match(snapshot).Value, System.Globalization.CultureInfo.InvariantCulture));
        App? app = null;
        foreach (var (table, read) in Read(snapshot))
        {
            foreach (var row in instance.Get<TableLayouts>().Migrate(table, read, layout))
            {
                if (table == TableNames.Apps && row.RowKey == "app")
                {
                    app = AppTable.FromRow(row) with { SdkAppId = sdkAppId };
                    await instance.Get<AppTable>().TryAddAsync(app, Stop);
                    continue;
                }

                row.PartitionKey = AppRows.Move(row.PartitionKey, 1, sdkAppId);
                await instance.Get<TableStore>().SubmitAsync(table, row.PartitionKey, [new TableTransactionAction(TableTransactionActionType.Add, row)], Stop);
            }
        }

        var sample = new SampleApp(instance, app!, firstRandom: 5_000);
        await AppArchiveTests.AssertServesAsync(sample);
        await AssertRelationsGoOnAsync(instance, sample);
    }

    [Fact]
    public void A_membership_whose_change_was_under_way_before_changes_had_names_is_under_way_still()
    {
        var row = new TableEntity { RowKey = "g|hiking", ["Type"] = "Public", ["Pending"] = 1, ["Attempt"] = "e49b", ["BegunAt"] = 100L };

        var membership = GroupMembership.FromRow(row);

        Assert.Equal(["e49b"], membership.UnderWay);
        Assert.True(membership.IsBroken(1000));
        row["Pending"] = 0;
        Assert.Empty(GroupMembership.FromRow(row).UnderWay);
    }

    // More operations than the row remembers, so that those go which the earlier program noted.
    private static async Task AssertRelationsGoOnAsync(AppInstance instance, SampleApp app)
    {
        for (var round = 0; round < 9; round++)
        {
            await app.OkAsync("sns", "black_list_delete", new { From_Account = "mia", To_Account = new[] { "eve" } });
            await app.OkAsync("sns", "black_list_add", new { From_Account = "mia", To_Account = new[] { "eve" } });
        }

        var audience = new List<string>();
        await foreach (var some in instance.Get<IProfileAudience>().OfAsync(new AccountKey(app.App.SdkAppId, "jonas"), Stop))
        {
            audience.AddRange(some);
        }

        Assert.Equal(["mia"], audience);
    }

    private static List<(string Table, TableEntity Row)> Read(string snapshot) =>
    [
        .. Checkout.Read("tests", "Storage", "Snapshots", snapshot).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2)).Select(parts => (parts[0], RowText.Read(Encoding.UTF8.GetBytes(parts[1])).Row)),
    ];

    private static string LineOf(string table, TableEntity row, uint sdkAppId)
    {
        row.PartitionKey = AppRows.Move(row.PartitionKey, sdkAppId, 1);
        var line = new ArrayBufferWriter<byte>();
        RowText.Write(line, row);
        return $"{table} {Encoding.UTF8.GetString(line.WrittenSpan)}";
    }

    // Tables, kinds of partitions and rows, and their columns with types; not how many there are.
    private static IReadOnlyList<string> ShapeOf(IEnumerable<(string Table, TableEntity Row)> rows) =>
    [
        .. rows.SelectMany(row => row.Row.Where(column => column.Key is not ("odata.etag" or "Timestamp" or "PartitionKey" or "RowKey" or "Exists"))
                .Select(column => $"{row.Table} {Kind(row.Row.PartitionKey)} {Kind(row.Row.RowKey)} {column.Key} {column.Value.GetType().Name}"))
            .Distinct().Order(StringComparer.Ordinal),
    ];

    private static string Kind(string key)
    {
        var parts = key.Split('|');
        var first = parts[0].StartsWith("f!", StringComparison.Ordinal) ? "f!" : parts[0].Length > 0 && char.IsAsciiDigit(parts[0][0]) ? "#" : parts[0];
        return string.Join('|', [first, .. parts.Skip(1).Select(_ => "*")]);
    }

    [GeneratedRegex(@"\d+", RegexOptions.None, 1000)]
    private static partial Regex Number();
}
