using System.Text;
using Parley.Rest;

namespace Parley.Moderation;

/// <summary>The words that a command adds or deletes: 1 to 50 of 1 to 200 bytes, without control characters.</summary>
/// <remarks>Source: API reference, openim §17. White space at either end of a word is a part of it; a word of nothing else is refused (our choice).</remarks>
public sealed record DirtyWordsRequest(IReadOnlyList<string> Words) : IRequest<DirtyWordsRequest>
{
    private const string Field = "DirtyWordsList";
    private const int MaxWords = 50;
    private const int MaxBytes = 200;

    public static DirtyWordsRequest Read(FieldReader fields)
    {
        var words = fields.OptionalTexts(Field, ApiError.DirtyWordsParameter);
        if (words.Count is 0 or > MaxWords || !words.All(IsWord))
        {
            fields.Fail(ApiError.DirtyWordsParameter.In(Field));
        }

        return new DirtyWordsRequest(words);
    }

    private static bool IsWord(string text) =>
        !string.IsNullOrWhiteSpace(text) && Encoding.UTF8.GetByteCount(text) <= MaxBytes && !text.Any(char.IsControl);
}
