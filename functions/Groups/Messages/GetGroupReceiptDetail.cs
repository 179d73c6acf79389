using System.Text.Json.Serialization;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Messages;

/// <summary>
/// Lists who has read a message, or who has not.
/// <code>
/// POST /v4/group_open_http_svc/get_group_msg_receipt_detail
/// { "GroupId": "hiking-2019", "MsgSeq": 41, "Filter": 0, "Cursor": "", "Count": 100 }
/// → { …, "MsgSeq": 41, "Cursor": "0", "IsFinish": 1, "IsFinished": 1, "ReadList": [ { "Read_Account": "u_cleo" } ] }
/// </code>
/// </summary>
/// <remarks>
/// Filter: 0 who has, 1 who has not, of those who were members when it was sent and still are. Count 1 to 200, 100 if absent. Go on with Cursor until IsFinish is 1.
/// Errors: 10004, 10007 not a member or a type without receipts, 10010, 10015, 10060 too many members, 10062 no receipts, or not for this client. Source: API reference, groups §9.2.
/// </remarks>
public sealed class GetGroupReceiptDetail(GroupReader reader, GroupReceipts receipts) : ICommand<GetGroupReceiptDetailRequest, GetGroupReceiptDetailResponse>
{
    public async Task<Result<GetGroupReceiptDetailResponse>> HandleAsync(Caller caller, GetGroupReceiptDetailRequest request, CancellationToken cancellation)
    {
        var key = new GroupKey(caller.App.SdkAppId, request.GroupId);
        if (!(await reader.LookAsync(caller, key, GroupAction.ReadReceipts, null, cancellation)).TryGet(out var sight, out var refusal))
        {
            return refusal;
        }

        if (GroupReceipts.Refuse(caller.App, sight.Head) is { } tooLarge)
        {
            return tooLarge;
        }

        if (await reader.FindAsync(key, sight, request.Number, cancellation) is not { } message || !GroupReceipts.Shows(sight, message))
        {
            return ApiError.ReceiptNotFound;
        }

        var all = request.IsOfReaders ? await receipts.ReadersAsync(key, message.Seq, cancellation) : await receipts.NonReadersAsync(key, message, cancellation);
        return Page(request, [.. all.Where(account => string.CompareOrdinal(KeyText.Escape(account), request.After) > 0).Take(request.Count + 1)]);
    }

    private static GetGroupReceiptDetailResponse Page(GetGroupReceiptDetailRequest request, List<string> accounts)
    {
        var isLast = accounts.Count <= request.Count;
        var page = accounts.Take(request.Count).ToList();
        return new GetGroupReceiptDetailResponse
        {
            MsgSeq = request.Number,
            Cursor = isLast ? GetGroupReceiptDetailRequest.NoCursor : GetGroupReceiptDetailRequest.CursorOf(page[^1]),
            IsFinish = isLast ? 1 : 0,
            IsFinished = isLast ? 1 : 0,
            ReadList = request.IsOfReaders ? page.ConvertAll(account => new Reader(account)) : null,
            UnreadList = request.IsOfReaders ? null : page.ConvertAll(account => new NonReader(account)),
        };
    }
}

/// <param name="After">The escaped name of the account that the page before ended with.</param>
public sealed record GetGroupReceiptDetailRequest(string GroupId, long Number, bool IsOfReaders, string After, int Count) : IRequest<GetGroupReceiptDetailRequest>
{
    /// <summary>The cursor before the first and after the last.</summary>
    public const string NoCursor = "0";

    private const char Mark = '~';
    private const int DefaultCount = 100;
    private const int MostAccounts = 200;

    public static GetGroupReceiptDetailRequest Read(FieldReader fields)
    {
        var (id, number) = (fields.GroupId(), fields.MessageNumber());
        var isOfReaders = !fields.Flag("Filter", ApiError.GroupParameter);
        var cursor = fields.OptionalText("Cursor", ApiError.GroupParameter) ?? "";
        var count = fields.OptionalInteger("Count", ApiError.GroupParameter) ?? DefaultCount;
        if (count is < 1 or > MostAccounts)
        {
            fields.Fail(ApiError.GroupParameter.In("Count"));
        }

        if (cursor is not ("" or NoCursor) && cursor[0] != Mark)
        {
            fields.Fail(ApiError.GroupParameter.In("Cursor"));
        }

        return new GetGroupReceiptDetailRequest(id, number, isOfReaders, cursor is "" or NoCursor ? "" : cursor[1..], (int)Math.Clamp(count, 1, MostAccounts));
    }

    public static string CursorOf(string account) => Mark + KeyText.Escape(account);
}

public sealed record GetGroupReceiptDetailResponse : Envelope
{
    public required long MsgSeq { get; init; }

    public required string Cursor { get; init; }

    public required int IsFinish { get; init; }

    public required int IsFinished { get; init; }

    public IReadOnlyList<Reader>? ReadList { get; init; }

    public IReadOnlyList<NonReader>? UnreadList { get; init; }
}

public sealed record Reader([property: JsonPropertyName("Read_Account")] string Account);

public sealed record NonReader([property: JsonPropertyName("Unread_Account")] string Account);
