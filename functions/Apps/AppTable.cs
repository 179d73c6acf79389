using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Parley.Storage;

namespace Parley.Apps;

/// <summary>Table <c>apps</c>: partition = sdkappid, row <c>app</c> = its settings. Lists are kept as texts with one entry a line.</summary>
public sealed class AppTable(TableStore tables)
{
    private const string AppRow = "app";

    /// <summary>Reads an app; null when there is none.</summary>
    public async Task<App?> FindAsync(uint sdkAppId, CancellationToken cancellation)
    {
        var row = await tables.Apps.GetEntityIfExistsAsync<TableEntity>(Key(sdkAppId), AppRow, cancellationToken: cancellation);
        return row.HasValue ? FromRow(sdkAppId, row.Value!) : null;
    }

    /// <summary>Stores a new app.</summary>
    /// <returns>False when there is one already; nothing is changed then.</returns>
    public async Task<bool> TryAddAsync(App app, CancellationToken cancellation)
    {
        try
        {
            await tables.Apps.AddEntityAsync(ToRow(app), cancellation);
            return true;
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.EntityAlreadyExists)
        {
            return false;
        }
    }

    private static string Key(uint sdkAppId) => sdkAppId.ToString(CultureInfo.InvariantCulture);

    private static TableEntity ToRow(App app) => new(Key(app.SdkAppId), AppRow)
    {
        ["Name"] = app.Name,
        ["Secrets"] = string.Join('\n', app.Secrets),
        ["Admins"] = string.Join('\n', app.Admins),
        ["Disabled"] = app.IsDisabled,
        ["RoamingDays"] = app.RoamingDays,
        ["MaxMessageBytes"] = app.MaxMessageBytes,
    };

    private static App FromRow(uint sdkAppId, TableEntity row) => new(
        sdkAppId,
        row.GetString("Name") ?? "",
        Lines(row.GetString("Secrets")),
        Lines(row.GetString("Admins")),
        row.GetBoolean("Disabled") ?? false,
        row.GetInt32("RoamingDays") ?? App.DefaultRoamingDays,
        Math.Clamp(row.GetInt32("MaxMessageBytes") ?? App.DefaultMaxMessageBytes, 1, App.HighestMaxMessageBytes));

    private static string[] Lines(string? text) => (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
