using Parley.Callbacks;
using Parley.Rest;
using Parley.Storage;

namespace Parley.Messages;

public static class MessageServices
{
    private const string Service = "openim";
    private const string ExtensionService = "openim_msg_ext_http_svc";

    public static IServiceCollection AddMessages(this IServiceCollection services) => services
        .AddSingleton<ConversationTable>().AddSingleton<ConversationCopies>().AddSingleton<ConversationHistory>().AddSingleton<ImportedHistory>().AddSingleton<ImportedTrimming>().AddSingleton<MessageImport>().AddSingleton<ConversationTrimming>()
        .AddSingleton<ConversationList>().AddSingleton<ConversationAccess>().AddSingleton<ConversationLog>().AddSingleton<ConversationRemoval>().AddSingleton<UnreadExpiry>().AddSingleton<ReadPositions>()
        .AddSingleton<MessageChanges>().AddSingleton<MessageModification>().AddSingleton<RecentDeliveries>().AddSingleton<IUnreadTotal, UnreadTotal>().AddSingleton<MessageCallbacks>().AddSingleton<MessageSender>().AddSingleton<EventDelivery>()
        .AddSingleton<ISweptRows, IdleConversations>().AddSingleton<ISendCheck, MutedSenderCheck>().AddSingleton<SendChecks>().AddSingleton<ReceiverChecks>().AddSingleton<MessageTextCheck>()
        .AddSingleton<SendMessage>().AddSingleton<SendMessages>().AddSingleton<GetRoamingMessages>().AddSingleton<RecallMessage>().AddSingleton<ModifyMessage>()
        .AddSingleton<DeleteMessages>().AddSingleton<SetMessagesRead>().AddSingleton<SendReadReceipts>().AddSingleton<GetUnreadCounts>()
        .AddSingleton<ImportMessage>().AddSingleton<MessageExtensions>().AddSingleton<ExtensionTrimming>()
        .AddSingleton<SetMessageExtensions>().AddSingleton<GetMessageExtensions>().AddSingleton<GetConversationLog>().AddSingleton<SyncConversations>();

    public static CommandRegistry MapMessages(this CommandRegistry commands) => commands
        .Map<SendMessage, SendMessageRequest, SendMessageResponse>(Service, "sendmsg", Callers.Everyone, ParleyJson.Wire.SendMessageResponse)
        .Map<SendMessages, SendMessagesRequest, SendMessagesResponse>(Service, "batchsendmsg", Callers.Admins, ParleyJson.Wire.SendMessagesResponse)
        .Map<GetRoamingMessages, RoamingMessagesRequest, RoamingMessagesResponse>(
            Service, "admin_getroammsg", Callers.Everyone, ParleyJson.Wire.RoamingMessagesResponse)
        .Map<ImportMessage, ImportMessageRequest, Envelope>(Service, "importmsg", Callers.Admins, ParleyJson.Wire.Envelope)
        .Map<RecallMessage, MessageReference, Envelope>(Service, "admin_msgwithdraw", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<ModifyMessage, ModifyMessageRequest, Envelope>(Service, "modify_c2c_msg", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<DeleteMessages, DeleteMessagesRequest, Envelope>(Service, "delete_c2c_msg_ramble", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<SetMessagesRead, SetMessagesReadRequest, Envelope>(Service, "admin_set_msg_read", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<SendReadReceipts, ReadReceiptsRequest, Envelope>(Service, "c2c_msg_read_receipt", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<GetUnreadCounts, UnreadCountsRequest, UnreadCountsResponse>(Service, "get_c2c_unread_msg_num", Callers.Everyone, ParleyJson.Wire.UnreadCountsResponse)
        .Map<GetConversationLog, ConversationLogRequest, ConversationLogResponse>(Service, "get_c2c_log", Callers.Everyone, ParleyJson.Wire.ConversationLogResponse)
        .Map<SyncConversations, SyncRequest, SyncResponse>(Service, "sync", Callers.Everyone, ParleyJson.Wire.SyncResponse)
        .Map<SetMessageExtensions, SetExtensionsRequest, SetExtensionsResponse>(
            ExtensionService, "set_key_values", Callers.Everyone, ParleyJson.Wire.SetExtensionsResponse)
        .Map<GetMessageExtensions, GetExtensionsRequest, GetExtensionsResponse>(
            ExtensionService, "get_key_values", Callers.Everyone, ParleyJson.Wire.GetExtensionsResponse);
}
