using System.Text.Json.Serialization.Metadata;
using Parley.Callbacks;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>The callbacks about friends and blacklists: accounts are refused by what the app answers, and the app is told of what was done.</summary>
/// <remarks>
/// Source: API reference, callbacks §2 and §5. An item's code from 38000 to 39000 is its result, with its text; another that is not 0 counts as 38000. An account that is not in the answer
/// is not refused. The outer code means nothing. Administrators are not asked. There is one callback for each pair of accounts that is decided, not one for a call.
/// </remarks>
public sealed class RelationCallbacks(BeforeCallbacks before, AfterCallbacks after, CallbackRecord record, TimeProvider time)
{
    private const string Add = "friend_add";
    private const string Response = "friend_response";

    /// <summary>Asks the app about requests of an account.</summary>
    /// <returns>What it refuses; or what the whole call gets, where the app has no proper answer and wants nothing done then.</returns>
    internal Task<Result<RefusedPeers>> AskToAddAsync(Caller caller, AddFriendsRequest request, CancellationToken cancellation) =>
        AskAsync(
            caller, CallbackCommands.BeforeFriendAdd, request.Items.Select(item => item.To), () => RequestedFriendsFields.Of(caller, request, Now),
            ParleyJson.Wire.RequestedFriendsFields, cancellation);

    /// <summary>As <see cref="AskToAddAsync"/>, about an account's answers to requests.</summary>
    internal Task<Result<RefusedPeers>> AskToAnswerAsync(Caller caller, AnswerRequestsRequest request, CancellationToken cancellation) =>
        AskAsync(
            caller, CallbackCommands.BeforeFriendResponse, request.Items.Select(item => item.To), () => AnsweredRequestsFields.Of(caller, request, Now),
            ParleyJson.Wire.AnsweredRequestsFields, cancellation);

    /// <summary>For one friend that is added.</summary>
    internal RelationCallback OfAdding(Caller caller, string actor, bool isForced) => Begin(caller, actor, Add, isForced);

    /// <summary>For one request that is answered.</summary>
    internal RelationCallback OfAnswer(Caller caller, string asker) => Begin(caller, asker, Response, isForced: false);

    /// <summary>For whatever else is done to one account.</summary>
    internal RelationCallback Of(Caller caller, string actor) => Begin(caller, actor, Add, isForced: false);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private RelationCallback Begin(Caller caller, string initiator, string command, bool isForced)
    {
        var adding = new PairListFields { ClientCmd = command, AdminAccount = caller.IsAdmin ? caller.Account : "", ForceFlag = isForced ? 1 : 0 };
        return new RelationCallback(initiator, adding)
        {
            FriendAdd = after.Begin(caller.App, CallbackCommands.FriendAdd, caller.Origin),
            FriendDelete = after.Begin(caller.App, CallbackCommands.FriendDelete, caller.Origin),
            BlacklistAdd = after.Begin(caller.App, CallbackCommands.BlacklistAdd, caller.Origin),
            BlacklistDelete = after.Begin(caller.App, CallbackCommands.BlacklistDelete, caller.Origin),
        };
    }

    private async Task<Result<RefusedPeers>> AskAsync<T>(
        Caller caller, CallbackCommand command, IEnumerable<string> peers, Func<T> fields, JsonTypeInfo<T> json, CancellationToken cancellation)
    {
        if (caller.IsAdmin)
        {
            return RefusedPeers.None;
        }

        var verdict = await before.AskAsync(caller.App, command, caller.Origin, fields, json, cancellation);
        if (verdict.Answer is { } answer)
        {
            if (Read(command, answer) is { } refused)
            {
                if (peers.Any(peer => refused.Find(peer) is not null))
                {
                    record.Refused(caller.App.SdkAppId, command);
                }

                return refused;
            }

            verdict = BeforeVerdict.OfFailure(caller.App, command);
        }

        return verdict.Refusal is { } refusal ? refusal : RefusedPeers.None;
    }

    // Null when the answer is no proper one.
    private static RefusedPeers? Read(CallbackCommand command, FieldReader answer)
    {
        var errors = new Dictionary<string, ApiError>(StringComparer.Ordinal);
        var items = answer.Has("ResultItem") ? answer.Objects("ResultItem", ApiError.RelationParameter) : [];
        foreach (var item in items)
        {
            var (peer, code) = (item.Text("To_Account", ApiError.RelationParameter), item.Integer("ResultCode", ApiError.RelationParameter));
            if (code != 0)
            {
                var info = item.Apart().OptionalText("ResultInfo", ApiError.RelationParameter) ?? "";
                errors[peer] = command.Refusal!.ErrorOf(code, info, ApiError.RelationRefusedByCallback);
            }
        }

        return answer.Error is null ? new RefusedPeers(errors) : null;
    }
}

/// <summary>The accounts of a request that the app does not want to be treated, and what each gets as its result.</summary>
internal sealed record RefusedPeers(IReadOnlyDictionary<string, ApiError> Errors)
{
    public static readonly RefusedPeers None = new(new Dictionary<string, ApiError>());

    public ApiError? Find(string peer) => Errors.GetValueOrDefault(peer);
}
