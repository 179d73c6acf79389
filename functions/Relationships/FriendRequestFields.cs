using System.Text.Json.Serialization;
using Parley.Rest;

namespace Parley.Relationships;

/// <summary>
/// Fields of a callback: an account adds friends, or asks to.
/// <code>
/// { "CallbackCommand": "Sns.CallbackPrevFriendAdd", "Requester_Account": "mia.k", "From_Account": "mia.k",
///   "FriendItem": [ { "To_Account": "jonas", "Remark": "Jo", "GroupName": "Work", "AddSource": "AddSource_Type_Web", "AddWording": "hello" } ],
///   "AddType": "Add_Type_Both", "ForceAddFlags": 0, "EventTime": 1700000000000 }
/// </code>
/// </summary>
/// <remarks>EventTime is in Unix milliseconds. What the request does not say is empty. Source: API reference, callbacks §5.1.</remarks>
public sealed record RequestedFriendsFields(
    [property: JsonPropertyName("Requester_Account")] string RequesterAccount, [property: JsonPropertyName("From_Account")] string FromAccount,
    IReadOnlyList<RequestedFriend> FriendItem, string AddType, int ForceAddFlags, long EventTime)
{
    public static RequestedFriendsFields Of(Caller caller, AddFriendsRequest request, long now) => new(
        caller.Account, request.Owner.Account,
        [.. request.Items.DistinctBy(item => item.To).Select(item => new RequestedFriend(item.To, item.Remark, item.Group ?? "", item.Source, item.Wording))],
        request.IsBoth ? AddFriendsRequest.Both : AddFriendsRequest.Single, request.IsForced ? 1 : 0, now);
}

public sealed record RequestedFriend([property: JsonPropertyName("To_Account")] string ToAccount, string Remark, string GroupName, string AddSource, string AddWording);

/// <summary>
/// Fields of a callback: an account answers requests.
/// <code>
/// { "CallbackCommand": "Sns.CallbackPrevFriendResponse", "Requester_Account": "jonas", "From_Account": "jonas",
///   "ResponseFriendItem": [ { "To_Account": "mia.k", "Remark": "Mia", "TagName": "Work", "ResponseAction": "Response_Action_AgreeAndAdd" } ], "EventTime": 1700000000000 }
/// </code>
/// </summary>
/// <remarks>As <see cref="RequestedFriendsFields"/>. Source: API reference, callbacks §5.2.</remarks>
public sealed record AnsweredRequestsFields(
    [property: JsonPropertyName("Requester_Account")] string RequesterAccount, [property: JsonPropertyName("From_Account")] string FromAccount,
    IReadOnlyList<AnsweredRequest> ResponseFriendItem, long EventTime)
{
    public static AnsweredRequestsFields Of(Caller caller, AnswerRequestsRequest request, long now) => new(
        caller.Account, request.Owner.Account,
        [.. request.Items.DistinctBy(item => item.To).Select(item => new AnsweredRequest(item.To, item.Remark, item.Group ?? "", item.Action))], now);
}

public sealed record AnsweredRequest([property: JsonPropertyName("To_Account")] string ToAccount, string Remark, string TagName, string ResponseAction);
