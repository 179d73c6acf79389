using System.Text;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>Limits of the texts that accounts keep about each other.</summary>
/// <remarks>Source: API reference, sns §1 and §1.1.</remarks>
internal static class RelationTexts
{
    private const int MaxRemarkBytes = 96;
    private const int MaxWordingBytes = 256;
    private const int MaxGroupBytes = 30;
    private const int MaxSourceLetters = 8;
    private const string SourcePrefix = "AddSource_Type_";

    /// <summary>30001 when one of them cannot be; null when all can.</summary>
    public static ApiError? Check(string source, string wording, string remark, IEnumerable<string> groups) =>
        !IsSource(source) ? ApiError.RelationParameter.In("AddSource")
        : Encoding.UTF8.GetByteCount(wording) > MaxWordingBytes ? ApiError.RelationParameter.In("AddWording")
        : !IsRemark(remark) ? ApiError.RelationParameter.In("Remark")
        : !groups.All(IsGroup) ? ApiError.RelationParameter.In("GroupName")
        : null;

    public static bool IsRemark(string text) => Encoding.UTF8.GetByteCount(text) <= MaxRemarkBytes;

    public static bool IsGroup(string name) => name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= MaxGroupBytes;

    // Empty where none was given.
    private static bool IsSource(string source) => source.Length == 0
        || (source.StartsWith(SourcePrefix, StringComparison.Ordinal) && source[SourcePrefix.Length..] is { Length: > 0 and <= MaxSourceLetters } keyword && keyword.All(char.IsAsciiLetter));
}
