using Parley.Apps;
using Parley.Moderation;
using Parley.Rest;

namespace Parley.Messages;

/// <summary>A message whose text elements have a dirty word of the app is refused, whoever sends it, and so are texts that a group shows: 80001.</summary>
public sealed class MessageTextCheck(DirtyWords dirtyWords)
{
    /// <summary>Null when nothing speaks against the body; also when there is none.</summary>
    public async ValueTask<ApiError?> CheckAsync(App app, RawJson? body, CancellationToken cancellation) =>
        body is { } elements && DirtyWords.AreUsedBy(app) && await dirtyWords.AreInAsync(app, MessageContent.TextsOf(elements), cancellation)
            ? ApiError.DirtyMessage
            : null;

    /// <summary>Null when nothing speaks against the texts that are given.</summary>
    public async ValueTask<ApiError?> CheckAsync(App app, IEnumerable<string?> texts, CancellationToken cancellation) =>
        await dirtyWords.AreInAsync(app, texts.OfType<string>(), cancellation) ? ApiError.DirtyMessage : null;
}
