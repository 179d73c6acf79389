using Parley.Messages;
using Parley.Rest;

namespace Parley.Groups.Messages;

public static class GroupMessageServices
{
    private const string Service = "group_open_http_svc";
    private const string ExtensionService = "openim_msg_ext_http_svc";

    public static IServiceCollection AddGroupMessages(this IServiceCollection services) => services
        .AddSingleton<GroupReader>().AddSingleton<GroupLog>().AddSingleton<GroupReceipts>().AddSingleton<GroupExtensions>().AddSingleton<GroupReadPositions>().AddSingleton<GroupConversations>()
        .AddSingleton<GetGroupMessages>().AddSingleton<RecallGroupMessages>().AddSingleton<ModifyGroupMessage>().AddSingleton<DeleteGroupMessagesBySender>().AddSingleton<ClearGroupMessages>()
        .AddSingleton<GetGroupReceipts>().AddSingleton<GetGroupReceiptDetail>().AddSingleton<SendGroupReceipts>()
        .AddSingleton<SetGroupMessageExtensions>().AddSingleton<GetGroupMessageExtensions>()
        .AddSingleton<ImportGroupMessages>().AddSingleton<SendGroupNotice>()
        .AddSingleton<GetGroupLog>().AddSingleton<SetGroupRead>().AddSingleton<SyncGroups>();

    public static CommandRegistry MapGroupMessages(this CommandRegistry commands) => commands
        .Map<GetGroupMessages, GetGroupMessagesRequest, GetGroupMessagesResponse>(Service, "group_msg_get_simple", Callers.Everyone, ParleyJson.Wire.GetGroupMessagesResponse)
        .Map<RecallGroupMessages, RecallGroupMessagesRequest, RecallGroupMessagesResponse>(
            Service, "group_msg_recall", Callers.Everyone, ParleyJson.Wire.RecallGroupMessagesResponse)
        .Map<ModifyGroupMessage, ModifyGroupMessageRequest, Envelope>("openim", "modify_group_msg", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<DeleteGroupMessagesBySender, DeleteGroupMessagesBySenderRequest, Envelope>(Service, "delete_group_msg_by_sender", Callers.Admins, ParleyJson.Wire.Envelope)
        .Map<ClearGroupMessages, ClearGroupMessagesRequest, Envelope>(Service, "clear_group_msg", Callers.Admins, ParleyJson.Wire.Envelope)
        .Map<GetGroupReceipts, GetGroupReceiptsRequest, GetGroupReceiptsResponse>(Service, "get_group_msg_receipt", Callers.Everyone, ParleyJson.Wire.GetGroupReceiptsResponse)
        .Map<GetGroupReceiptDetail, GetGroupReceiptDetailRequest, GetGroupReceiptDetailResponse>(
            Service, "get_group_msg_receipt_detail", Callers.Everyone, ParleyJson.Wire.GetGroupReceiptDetailResponse)
        .Map<SendGroupReceipts, SendGroupReceiptsRequest, Envelope>(Service, "group_msg_receipt", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<SetGroupMessageExtensions, SetGroupExtensionsRequest, SetExtensionsResponse>(
            ExtensionService, "group_set_key_values", Callers.Everyone, ParleyJson.Wire.SetExtensionsResponse)
        .Map<GetGroupMessageExtensions, GetGroupExtensionsRequest, GetExtensionsResponse>(
            ExtensionService, "group_get_key_values", Callers.Everyone, ParleyJson.Wire.GetExtensionsResponse)
        .Map<ImportGroupMessages, ImportGroupMessagesRequest, ImportGroupMessagesResponse>(Service, "import_group_msg", Callers.Admins, ParleyJson.Wire.ImportGroupMessagesResponse)
        .Map<SendGroupNotice, SendGroupNoticeRequest, Envelope>(Service, "send_group_system_notification", Callers.Admins, ParleyJson.Wire.Envelope)
        .Map<GetGroupLog, GetGroupLogRequest, GetGroupLogResponse>(Service, "get_group_log", Callers.Everyone, ParleyJson.Wire.GetGroupLogResponse)
        .Map<SetGroupRead, SetGroupReadRequest, SetGroupReadResponse>(Service, "group_msg_read", Callers.Everyone, ParleyJson.Wire.SetGroupReadResponse)
        .Map<SyncGroups, SyncGroupsRequest, SyncGroupsResponse>(Service, "sync_groups", Callers.Everyone, ParleyJson.Wire.SyncGroupsResponse);
}
