using Azure.Data.Tables;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups;

/// <summary>What a group shows of itself: row <c>i</c>.</summary>
public sealed record GroupProfile
{
    public const string RowKey = "i";

    public string Name { get; init; } = "";

    public string Introduction { get; init; } = "";

    public string Notification { get; init; } = "";

    public string FaceUrl { get; init; } = "";

    /// <summary>Custom fields of the group, a JSON object of key and value.</summary>
    public RawJson? Custom { get; init; }

    /// <summary>Of a topic, a text of the app's own.</summary>
    public string CustomString { get; init; } = "";

    /// <summary>Grows with each change of the group's profile or settings.</summary>
    public long InfoSeq { get; init; }

    /// <summary>Unix seconds of the latest.</summary>
    public long InfoTime { get; init; }

    /// <summary>Names the request that changed the owner last, which loses its right by that: run again, it is recognised.</summary>
    public string Attempt { get; init; } = "";

    public static GroupProfile FromRow(TableEntity row) => new()
    {
        Name = row.GetString("Name") ?? "",
        Introduction = row.GetString("Introduction") ?? "",
        Notification = row.GetString("Notification") ?? "",
        FaceUrl = row.GetString("FaceUrl") ?? "",
        Custom = row.GetString("Custom") is { } custom ? new RawJson(custom) : null,
        CustomString = row.GetString("CustomString") ?? "",
        InfoSeq = row.GetInt64("InfoSeq") ?? 0,
        InfoTime = row.GetInt64("InfoTime") ?? 0,
        Attempt = row.GetString("Attempt") ?? "",
    };

    public TableEntity ToRow()
    {
        var row = new TableEntity
        {
            RowKey = RowKey,
            ["Name"] = Name,
            ["Introduction"] = Introduction,
            ["Notification"] = Notification,
            ["FaceUrl"] = FaceUrl,
            ["InfoSeq"] = InfoSeq,
            ["InfoTime"] = InfoTime,
            ["Attempt"] = Attempt,
        };
        row.SetOrOmit("Custom", Custom?.Text);
        row.SetOrOmit("CustomString", CustomString.Length > 0 ? CustomString : null);
        return row;
    }
}
