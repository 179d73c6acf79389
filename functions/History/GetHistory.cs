using System.Globalization;
using System.Text.Json.Serialization;
using Parley.Activities;
using Parley.Rest;
using Parley.Storage;

namespace Parley.History;

/// <summary>
/// Tells where the messages of an hour can be downloaded.
/// <code>
/// POST /v4/open_msg_svc/get_history
/// { "ChatType": "C2C", "MsgTime": "2023111421" }
/// → { …, "File": [ { "URL": "https://…/0f3c9d.gz?…", "ExpireTime": "2023-11-15 16:00:00",
///       "FileSize": 20480, "FileMD5": "7815…", "GzipSize": 3391, "GzipMD5": "912e…" } ] }
/// </code>
/// </summary>
/// <remarks>
/// For apps whose setting KeepsHistoryFiles is on. MsgTime and ExpireTime are in UTC+8. Files are made from ten minutes after their hour on, and kept for seven days.
/// Errors: 1002 not an administrator, or a field is missing or wrong; 1003 storage failed; 1004 not made yet, or no messages in that hour; 1005 more than seven days ago.
/// Source: API reference, openim §15.
/// </remarks>
public sealed class GetHistory(HistoryFileTable files, BlobStore blobs, TimeProvider time) : ICommand<GetHistoryRequest, GetHistoryResponse>
{
    private static readonly TimeSpan LinkLifetime = TimeSpan.FromDays(1);
    private static readonly TimeSpan Offset = TimeSpan.FromHours(8);

    public async Task<Result<GetHistoryResponse>> HandleAsync(Caller caller, GetHistoryRequest request, CancellationToken cancellation)
    {
        if (!caller.IsAdmin)
        {
            return ApiError.HistoryParameter.In("identifier");
        }

        var now = time.GetUtcNow();
        if (request.Hour.Start < now.AddDays(-HistoryFileTable.KeptDays).ToUnixTimeSeconds())
        {
            return ApiError.HistoryExpired;
        }

        var hour = new ActiveHour(caller.App.SdkAppId, request.Type, request.Hour);
        if (await files.FindAsync(hour, cancellation) is not { Count: > 0 } found)
        {
            return caller.App.KeepsHistoryFiles ? ApiError.HistoryNotReady : ApiError.HistoryNotKept;
        }

        var expiry = (now + LinkLifetime).ToOffset(Offset).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        var shown = new List<HistoryFileView>();
        foreach (var file in found)
        {
            var name = BlobStore.FolderOf(caller.App.SdkAppId) + file.Name;
            var link = await blobs.ReadLinkAsync(TableNames.HistoryContainer, name, LinkLifetime, cancellation);
            shown.Add(new HistoryFileView(link.AbsoluteUri, expiry, file.Size, file.Md5, file.GzipSize, file.GzipMd5));
        }

        return new GetHistoryResponse { File = shown };
    }
}

public sealed record GetHistoryRequest(ChatType Type, ChatHour Hour) : IRequest<GetHistoryRequest>
{
    public static GetHistoryRequest Read(FieldReader fields)
    {
        var type = fields.Text("ChatType", ApiError.HistoryParameter) switch
        {
            "C2C" => ChatType.C2C,
            "Group" => ChatType.Group,
            _ => (ChatType?)null,
        };
        if (type is null)
        {
            fields.Fail(ApiError.HistoryParameter.In("ChatType"));
        }

        var hour = ChatHour.Parse(fields.Text("MsgTime", ApiError.HistoryParameter));
        if (hour is null)
        {
            fields.Fail(ApiError.HistoryParameter.In("MsgTime"));
        }

        return new GetHistoryRequest(type ?? default, hour ?? default);
    }
}

public sealed record GetHistoryResponse : Envelope
{
    public required IReadOnlyList<HistoryFileView> File { get; init; }
}

public sealed record HistoryFileView(
    [property: JsonPropertyName("URL")] string Url, string ExpireTime, long FileSize, [property: JsonPropertyName("FileMD5")] string FileMd5,
    long GzipSize, [property: JsonPropertyName("GzipMD5")] string GzipMd5);
