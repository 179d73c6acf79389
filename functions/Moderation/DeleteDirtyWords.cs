using Parley.Apps;
using Parley.Rest;

namespace Parley.Moderation;

/// <summary>
/// Takes words off the list; those that are not on it do not matter.
/// <code>
/// POST /v4/openim_dirty_words/delete
/// { "DirtyWordsList": ["foul"] }
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 }
/// </code>
/// </summary>
/// <remarks>
/// Takes effect as <see cref="AddDirtyWords"/>. Errors: 10002 storage failed, 10004 the list, 60003 bad JSON.
/// Source: API reference, openim §17.
/// </remarks>
public sealed class DeleteDirtyWords(DirtyWordTable table, AppDirectory apps) : ICommand<DirtyWordsRequest, Envelope>
{
    public async Task<Result<Envelope>> HandleAsync(Caller caller, DirtyWordsRequest request, CancellationToken cancellation)
    {
        await table.ChangeAsync(
            caller.App.SdkAppId, words => [.. words.Except(request.Words, StringComparer.OrdinalIgnoreCase)], cancellation);
        await apps.ChangeAsync(caller.App.SdkAppId, app => app with { DirtyWordsVersion = app.DirtyWordsVersion + 1 }, cancellation);
        return Envelope.Ok;
    }
}
