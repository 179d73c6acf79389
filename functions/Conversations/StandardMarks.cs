using System.Text.Json;
using Parley.Rest;

namespace Parley.Conversations;

/// <summary>The 64 standard marks of a conversation. The first 32 are the API's (1 star, 2 unread, 3 fold, 4 hide), the others the app's.</summary>
public static class StandardMarks
{
    private const int Bits = 64;

    /// <summary>One digit for each bit, bit 1 first, up to the last that is set; so bits 1 and 3 are 101.</summary>
    public static string Text(ulong marks) =>
        string.Concat(Enumerable.Range(0, Bits - (int)ulong.LeadingZeroCount(marks)).Select(bit => (marks >> bit & 1) == 1 ? '1' : '0'));

    /// <summary>Reads an array of bit numbers from 1 to 64; none when absent.</summary>
    public static ulong Read(FieldReader fields, string name)
    {
        var marks = 0UL;
        if (fields.Element(name) is not { } array)
        {
            return marks;
        }

        if (array.ValueKind != JsonValueKind.Array)
        {
            fields.Fail(ApiError.ConversationParameter.In(name));
            return marks;
        }

        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var bit) && bit is >= 1 and <= Bits)
            {
                marks |= 1UL << (bit - 1);
            }
            else
            {
                fields.Fail(ApiError.ConversationParameter.In(name));
            }
        }

        return marks;
    }
}
