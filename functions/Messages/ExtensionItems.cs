using System.Text;
using Parley.Rest;

namespace Parley.Messages;

/// <summary>Reads what shall be done with which pairs: OperateType and ExtensionList.</summary>
/// <remarks>Limits: 20 pairs, Key up to 100 bytes, Value up to 1,000. Errors: 10004. Source: API reference, openim §11, groups §9.4.</remarks>
internal static class ExtensionItems
{
    private const int MostItems = 20;
    private const int MaxKeyBytes = 100;
    private const int MaxValueBytes = 1_000;

    public static (ExtensionOperation Operation, IReadOnlyList<ExtensionItem> Items) Read(FieldReader fields)
    {
        var number = fields.Integer("OperateType", ApiError.ExtensionParameter);
        if (number is < (long)ExtensionOperation.Set or > (long)ExtensionOperation.Clear)
        {
            fields.Fail(ApiError.ExtensionParameter.In("OperateType"));
            return (default, []);
        }

        var operation = (ExtensionOperation)number;
        return (operation, operation == ExtensionOperation.Clear ? [] : ReadItems(fields, operation));
    }

    private static List<ExtensionItem> ReadItems(FieldReader fields, ExtensionOperation operation)
    {
        var items = fields.Objects("ExtensionList", ApiError.ExtensionParameter).Take(MostItems + 1).Select(item => new ExtensionItem(
            item.Text("Key", ApiError.ExtensionParameter),
            operation == ExtensionOperation.Set ? item.Text("Value", ApiError.ExtensionParameter) : "",
            item.OptionalInteger("Seq", ApiError.ExtensionParameter) ?? 0)).ToList();

        var isGood = items.Count is > 0 and <= MostItems && items.DistinctBy(item => item.Key).Count() == items.Count
            && items.All(item => item.Key.Length > 0 && Encoding.UTF8.GetByteCount(item.Key) <= MaxKeyBytes && Encoding.UTF8.GetByteCount(item.Value) <= MaxValueBytes);
        if (!isGood)
        {
            fields.Fail(ApiError.ExtensionParameter.In("ExtensionList"));
        }

        return items;
    }
}
