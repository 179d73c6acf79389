namespace Parley.Apps;

/// <summary>The types of groups; what they are like and who may do what in them: <c>Groups/GroupTraits</c>, <c>Groups/GroupRights</c>.</summary>
/// <remarks>Source: API reference, groups §0.1 and §1.</remarks>
public enum GroupType
{
    Private,
    Public,
    ChatRoom,
    AVChatRoom,
    BChatRoom,
    Community,
}
