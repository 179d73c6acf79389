using Parley.Apps;
using Parley.Rest;

namespace Parley.Moderation;

/// <summary>
/// Adds words that no text of the app may contain from now on.
/// <code>
/// POST /v4/openim_dirty_words/add
/// { "DirtyWordsList": ["foul", "fouler"] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Takes effect on this instance at once, on others within half a minute. A word that is there already, in whatever case, stays as it is.
/// Errors: 10002 storage failed, 10004 no list, more than 50 words, or one that is empty, over 200 bytes or has control characters;
/// 10007 the app would have more than 1,000, and none is added; 60003 bad JSON.
/// Source: API reference, openim §17. The bound of the whole list is our choice.
/// </remarks>
public sealed class AddDirtyWords(DirtyWordTable table, AppDirectory apps) : ICommand<DirtyWordsRequest, Envelope>
{
    private const int MaxWords = 1000;

    public async Task<Result<Envelope>> HandleAsync(Caller caller, DirtyWordsRequest request, CancellationToken cancellation)
    {
        if (!await table.ChangeAsync(caller.App.SdkAppId, words => Add(words, request.Words), cancellation))
        {
            return ApiError.TooManyDirtyWords;
        }

        await apps.ChangeAsync(caller.App.SdkAppId, app => app with { DirtyWordsVersion = app.DirtyWordsVersion + 1 }, cancellation);
        return Envelope.Ok;
    }

    private static List<string>? Add(IReadOnlyList<string> words, IReadOnlyList<string> more)
    {
        var all = words.Concat(more).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return all.Count <= MaxWords ? all : null;
    }
}
