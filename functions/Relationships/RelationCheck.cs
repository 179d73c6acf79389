using Azure.Data.Tables;
using Parley.Apps;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Relationships;

/// <summary>
/// No message to somebody who has the sender on the blacklist: 20007. Where the app demands friendship, none without it: 20009, 20010, 20011.
/// </summary>
/// <remarks>
/// Goes by rows of the receiver's partition, where the message is written anyway. The block stands in the conversation's head. The relation's row is in
/// memory after the first message, and whoever changes it changes the head too, so a memory that is behind is found out by the next message.
/// </remarks>
public sealed class RelationCheck : IReceiverCheck
{
    public ApiError? Check(App app, PartitionView receiver, TableEntity? head, string sender)
    {
        if (ConversationBlock.IsBlocked(head))
        {
            return ApiError.SenderBlacklisted;
        }

        if (!app.RequiresFriendship)
        {
            return null;
        }

        var row = receiver.Get(RelationRows.Peer(sender));
        var relation = Relation.FromRow(row);
        if (relation.Friend is null || relation.FriendOf is null)
        {
            return relation.Friend is null && relation.FriendOf is null ? ApiError.NoFriendship
                : relation.Friend is null ? ApiError.SenderNoFriend
                : ApiError.ReceiverNoFriend;
        }

        // There is no head yet that would have been changed with the relation: this very row must still be so.
        if (head is null)
        {
            receiver.Put(row!.Copy());
        }

        return null;
    }
}
