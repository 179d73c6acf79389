using System.Text;
using Parley.Accounts;
using Parley.Rest;

namespace Parley.Conversations;

/// <summary>
/// Marks up to 100 conversations for their owner.
/// <code>
/// POST /v4/recentcontact/mark_contact
/// { "From_Account": "jonas", "MarkItem": [
///   { "OptType": 3, "ContactItem": { "Type": 1, "To_Account": "mia.k" }, "SetMark": [1, 40], "ClearMark": [2], "CustomMark": "vip" } ] }
/// → { "ResultItem": [ { "OptType": 3, "ContactItem": { "Type": 1, "To_Account": "mia.k" }, "ResultCode": 0, "ResultInfo": "" } ], …, "ErrorDisplay": "" }
/// </code>
/// </summary>
/// <remarks>
/// OptType: 1 the standard marks (SetMark and ClearMark, bit numbers from 1 to 64), 2 CustomMark (up to 256 bytes; empty removes it), 3 both. What does
/// not belong to the OptType, and what is absent, stays as it is. Each conversation has a result of its own: 50001 unknown account, 51007 a group,
/// 51008 more than 1000 are marked or in groups. Errors: 50001 unknown owner, 50002 a parameter, or a bit to be set and cleared, 51006 none or over 100
/// conversations, 60010 another account's conversations. Source: API reference, openim §12.3.
/// </remarks>
public sealed class MarkContacts(AccountDirectory accounts, SettingsWriter settings) : ICommand<MarkContactsRequest, MarkContactsResponse>
{
    public async Task<Result<MarkContactsResponse>> HandleAsync(Caller caller, MarkContactsRequest request, CancellationToken cancellation)
    {
        if (!(await request.Owner.FindAsync(caller, accounts, cancellation)).TryGet(out var owner, out var refused))
        {
            return refused;
        }

        var changes = request.Items.Select(item => new ContactChange(item.Item, item.Apply)).ToList();
        var errors = await settings.SetEachAsync(owner, changes, cancellation);
        return new MarkContactsResponse
        {
            ResultItem = [.. request.Items.Select((item, n) => new MarkResult(item.OptType, item.Item, errors[n]?.Code ?? 0, errors[n]?.Info ?? ""))],
        };
    }
}

/// <summary>How one conversation shall be marked.</summary>
/// <param name="Set">Standard marks to set, as bits.</param>
/// <param name="Clear">Standard marks to clear, as bits.</param>
/// <param name="CustomMark">Null leaves it as it is.</param>
public sealed record ContactMark(long OptType, ContactItem Item, ulong Set, ulong Clear, string? CustomMark)
{
    private const int Standard = 1;
    private const int Custom = 2;
    private const int Both = 3;
    private const int MaxCustomBytes = 256;

    public static ContactMark Read(FieldReader fields)
    {
        var wrong = ApiError.ConversationParameter;
        var type = fields.Integer("OptType", wrong);
        var item = ContactItem.ReadField(fields);
        var (set, clear) = type == Custom ? (0, 0) : (StandardMarks.Read(fields, "SetMark"), StandardMarks.Read(fields, "ClearMark"));
        var custom = type == Standard ? null : fields.OptionalText("CustomMark", wrong);
        if (type is not (Standard or Custom or Both))
        {
            fields.Fail(wrong.In("OptType"));
        }

        if ((set & clear) != 0)
        {
            fields.Fail(wrong.In("SetMark and ClearMark"));
        }

        if (custom is not null && Encoding.UTF8.GetByteCount(custom) > MaxCustomBytes)
        {
            fields.Fail(wrong.In("CustomMark"));
        }

        return new ContactMark(type, item, set, clear, custom);
    }

    public ConversationSettings Apply(ConversationSettings before) => before with
    {
        StandardMark = (before.StandardMark | Set) & ~Clear,
        CustomMark = CustomMark ?? before.CustomMark,
    };
}

public sealed record MarkContactsRequest(ContactOwner Owner, IReadOnlyList<ContactMark> Items) : IRequest<MarkContactsRequest>
{
    private const int MostItems = 100;

    public static MarkContactsRequest Read(FieldReader fields)
    {
        var owner = ContactOwner.Read(fields);
        var items = fields.Objects("MarkItem", ApiError.ConversationParameter);
        if (items.Count is < 1 or > MostItems)
        {
            fields.Fail(ApiError.MarkCount.In("MarkItem"));
            return new MarkContactsRequest(owner, []);
        }

        return new MarkContactsRequest(owner, [.. items.Select(ContactMark.Read)]);
    }
}

public sealed record MarkContactsResponse : DisplayEnvelope
{
    public required IReadOnlyList<MarkResult> ResultItem { get; init; }
}

public sealed record MarkResult(long OptType, ContactItem ContactItem, int ResultCode, string ResultInfo);
