using Azure.Data.Tables;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Callbacks;

/// <summary>A callback after an event, as it waits in a stream or lies among the dead ones.</summary>
/// <param name="Id">The same in every attempt.</param>
/// <param name="At">When the event happened.</param>
/// <param name="Body">As it is sent, but for UnreadMsgNum where <paramref name="UnreadOf"/> names an account; null when it was too large to be kept.</param>
/// <param name="UnreadOf">The account whose unread one-to-one messages are counted when the callback is sent; null where the body needs none.</param>
/// <remarks>Columns: App, Id, Command, At, ClientIp, Platform, UnreadOf, Trace, and the body as bytes in Body, Body1, Body2, …, 64 KB each.</remarks>
public sealed record StoredCallback(uint SdkAppId, string Id, string Command, DateTimeOffset At, CallOrigin Origin, byte[]? Body, string? UnreadOf)
{
    /// <summary>A row holds 1 MB, a column 64 KB; the other columns need some of it.</summary>
    public const int MaxBodyBytes = 14 * MaxColumnBytes;

    private const int MaxColumnBytes = 64 * 1024;

    /// <summary>The span of the event, as a <c>traceparent</c>; null if it has none.</summary>
    public string? Trace { get; init; }

    public TableEntity ToRow(string rowKey)
    {
        var row = new TableEntity
        {
            RowKey = rowKey,
            ["App"] = (long)SdkAppId,
            ["Id"] = Id,
            ["Command"] = Command,
            ["At"] = At,
            ["ClientIp"] = Origin.ClientIp,
            ["Platform"] = Origin.Platform,
        };
        row.SetOrOmit("UnreadOf", UnreadOf);
        row.SetOrOmit("Trace", Trace);
        if (Body is not { Length: <= MaxBodyBytes } body)
        {
            return row;
        }

        for (var (column, from) = (0, 0); from < body.Length; (column, from) = (column + 1, from + MaxColumnBytes))
        {
            row[ColumnOf(column)] = body[from..Math.Min(from + MaxColumnBytes, body.Length)];
        }

        return row;
    }

    /// <summary>Whose event it was, and when; the body is not touched.</summary>
    public static (uint SdkAppId, DateTimeOffset At) EventOf(TableEntity row) => ((uint)(row.GetInt64("App") ?? 0), row.GetDateTimeOffset("At") ?? default);

    public static StoredCallback FromRow(TableEntity row)
    {
        var (app, at) = EventOf(row);
        var parts = new List<byte[]>();
        while (row.GetBinary(ColumnOf(parts.Count)) is { } part)
        {
            parts.Add(part);
        }

        return new StoredCallback(
            app, row.GetString("Id") ?? "", row.GetString("Command") ?? "", at,
            new CallOrigin(row.GetString("ClientIp") ?? "", row.GetString("Platform") ?? ""), parts.Count == 0 ? null : [.. parts.SelectMany(part => part)],
            row.GetString("UnreadOf"))
        {
            Trace = row.GetString("Trace"),
        };
    }

    private static string ColumnOf(int part) => part == 0 ? "Body" : FormattableString.Invariant($"Body{part}");
}
