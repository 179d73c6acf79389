using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Parley.Storage;

namespace Parley.Apps;

/// <summary>Table <c>apps</c>: partition = sdkappid, row <c>app</c> = its settings, as JSON.</summary>
public sealed class AppTable(TableStore tables)
{
    /// <summary>A column holds 32 K characters.</summary>
    public const int MaxSettingsCharacters = 30_000;

    private static readonly App Defaults = new() { SdkAppId = 0, Secrets = [], Admins = [] };

    private const string AppRow = "app";
    private const string SettingsColumn = "Settings";
    private const int MostAttempts = 20;
    private const int LongestWaitMilliseconds = 100;

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

    /// <summary>Changes an app's settings. Its version guards the write, so of two changes at once the later is made on what the earlier left.</summary>
    /// <param name="change">A pure function of the settings, which may run several times; null when it refuses.</param>
    /// <returns>What is stored now; null when there is no such app or the change was refused.</returns>
    /// <exception cref="RequestFailedException">Storage failed, or others changed the app each time.</exception>
    public async Task<App?> ChangeAsync(uint sdkAppId, Func<App, App?> change, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var row = await tables.Apps.GetEntityIfExistsAsync<TableEntity>(Key(sdkAppId), AppRow, cancellationToken: cancellation);
            if (!row.HasValue || change(FromRow(row.Value!)) is not { } changed)
            {
                return null;
            }

            var stored = changed with { Version = changed.Version + 1 };
            try
            {
                await tables.Apps.UpdateEntityAsync(ToRow(stored), row.Value!.ETag, TableUpdateMode.Replace, cancellation);
                return stored;
            }
            catch (RequestFailedException e) when (e.Status == 412 && attempt < MostAttempts)
            {
                await Task.Delay(Random.Shared.Next(LongestWaitMilliseconds), cancellation);
            }
        }
    }

    /// <summary>An app's partition.</summary>
    public static string Key(uint sdkAppId) => sdkAppId.ToString(CultureInfo.InvariantCulture);

    private static TableEntity ToRow(App app) =>
        new(Key(app.SdkAppId), AppRow) { [SettingsColumn] = JsonSerializer.Serialize(app, ParleyJson.Wire.App) };

    /// <summary>Reads an app from its row.</summary>
    /// <remarks>
    /// The generated reader gives what is missing the default of its type, not the one that <see cref="App"/> names; so what was stored before a setting existed is put over all defaults first.
    /// </remarks>
    public static App FromRow(TableEntity row)
    {
        var whole = JsonSerializer.SerializeToNode(Defaults, ParleyJson.Wire.App)!.AsObject();
        var stored = JsonNode.Parse(row.GetString(SettingsColumn))?.AsObject() ?? throw new JsonException("The app's settings are null.");
        foreach (var (name, value) in stored)
        {
            whole[name] = value?.DeepClone();
        }

        return whole.Deserialize(ParleyJson.Wire.App)!;
    }
}
