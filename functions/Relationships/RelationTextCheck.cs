using Parley.Apps;
using Parley.Moderation;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>Looks whether texts that accounts keep about each other can be as they are: their limits, and the app's dirty words.</summary>
public sealed class RelationTextCheck(DirtyWords dirtyWords)
{
    /// <summary>30001 when one of them cannot be, 30005 when one has a dirty word; null when all can.</summary>
    public async ValueTask<ApiError?> CheckAsync(
        App app, string source, string wording, string remark, IReadOnlyList<string> groups, CancellationToken cancellation) =>
        RelationTexts.Check(source, wording, remark, groups) ?? await CheckAsync(app, groups.Append(wording).Append(remark), cancellation);

    /// <summary>30005 when one of them has a dirty word.</summary>
    public async ValueTask<ApiError?> CheckAsync(App app, IEnumerable<string> texts, CancellationToken cancellation) =>
        await dirtyWords.AreInAsync(app, texts, cancellation) ? ApiError.RelationTextDirty : null;
}
