using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Parley.Storage;

namespace Parley.Apps;

/// <summary>Table <c>apps</c>: partition = sdkappid, row <c>app</c> = its settings, as JSON.</summary>
public sealed class AppTable(TableStore tables)
{
    private const string AppRow = "app";
    private const string SettingsColumn = "Settings";

    /// <summary>Reads an app; null when there is none.</summary>
    public async Task<App?> FindAsync(uint sdkAppId, CancellationToken cancellation)
    {
        var row = await tables.Apps.GetEntityIfExistsAsync<TableEntity>(Key(sdkAppId), AppRow, cancellationToken: cancellation);
        return row.HasValue ? FromRow(row.Value!) : null;
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

    private static TableEntity ToRow(App app) =>
        new(Key(app.SdkAppId), AppRow) { [SettingsColumn] = JsonSerializer.Serialize(app, ParleyJson.Wire.App) };

    private static App FromRow(TableEntity row) =>
        JsonSerializer.Deserialize(row.GetString(SettingsColumn), ParleyJson.Wire.App) ?? throw new JsonException("The app's settings are null.");
}
