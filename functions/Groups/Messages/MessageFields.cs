using Parley.Rest;

namespace Parley.Groups.Messages;

/// <summary>Which messages a request is about.</summary>
internal static class MessageFields
{
    /// <summary>MsgSeqList: a list of objects with MsgSeq, each once.</summary>
    /// <returns>10004 when it is missing, empty or longer.</returns>
    public static IReadOnlyList<long> MessageNumbers(this FieldReader fields, int most)
    {
        var list = fields.Objects("MsgSeqList", ApiError.GroupParameter);
        if (list.Count is 0 || list.Count > most)
        {
            fields.Fail(ApiError.GroupParameter.In("MsgSeqList"));
            return [];
        }

        return [.. list.Select(item => item.MessageNumber()).Distinct()];
    }

    /// <summary>MsgSeq, not negative.</summary>
    public static long MessageNumber(this FieldReader fields) => fields.Unsigned("MsgSeq", ApiError.GroupParameter);
}
