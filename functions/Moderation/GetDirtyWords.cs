using Parley.Rest;

namespace Parley.Moderation;

/// <summary>
/// Lists the app's dirty words, in the order of their addition.
/// <code>
/// POST /v4/openim_dirty_words/get
/// {}
/// → { "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "DirtyWordsList": ["foul", "fouler"] }
/// </code>
/// </summary>
/// <remarks>Errors: 10002 storage failed, 60003 bad JSON. Source: API reference, openim §17, which does not show the answer: its field is that of the requests.</remarks>
public sealed class GetDirtyWords(DirtyWordTable table) : ICommand<GetDirtyWordsRequest, DirtyWordsResponse>
{
    public async Task<Result<DirtyWordsResponse>> HandleAsync(Caller caller, GetDirtyWordsRequest request, CancellationToken cancellation) =>
        new DirtyWordsResponse { DirtyWordsList = await table.ReadAsync(caller.App.SdkAppId, cancellation) };
}

public sealed record GetDirtyWordsRequest : IRequest<GetDirtyWordsRequest>
{
    public static GetDirtyWordsRequest Read(FieldReader fields) => new();
}

public sealed record DirtyWordsResponse : Envelope
{
    public required IReadOnlyList<string> DirtyWordsList { get; init; }
}
