using Parley.Rest;

namespace Parley.Conversations;

public static class ConversationServices
{
    private const string Service = "recentcontact";

    public static IServiceCollection AddConversations(this IServiceCollection services) => services
        .AddSingleton<ContactDirectory>().AddSingleton<SettingsReader>().AddSingleton<SettingsWriter>().AddSingleton<GroupMembership>()
        .AddSingleton<GetConversations>().AddSingleton<DeleteConversation>().AddSingleton<CreateContactGroup>().AddSingleton<UpdateContactGroup>()
        .AddSingleton<DeleteContactGroup>().AddSingleton<MarkContacts>().AddSingleton<SearchContacts>().AddSingleton<GetContacts>()
        .AddSingleton<PinConversation>().AddSingleton<SetReceiveOption>().AddSingleton<GetSettings>();

    public static CommandRegistry MapConversations(this CommandRegistry commands) => commands
        .Map<GetConversations, GetConversationsRequest, GetConversationsResponse>(Service, "get_list", Callers.Everyone, ParleyJson.Wire.GetConversationsResponse)
        .Map<DeleteConversation, DeleteConversationRequest, DisplayEnvelope>(Service, "delete", Callers.Everyone, ParleyJson.Wire.DisplayEnvelope)
        .Map<CreateContactGroup, CreateContactGroupRequest, CreateContactGroupResponse>(
            Service, "create_contact_group", Callers.Everyone, ParleyJson.Wire.CreateContactGroupResponse)
        .Map<UpdateContactGroup, UpdateContactGroupRequest, UpdateContactGroupResponse>(
            Service, "update_contact_group", Callers.Everyone, ParleyJson.Wire.UpdateContactGroupResponse)
        .Map<DeleteContactGroup, DeleteContactGroupRequest, DeleteContactGroupResponse>(
            Service, "del_contact_group", Callers.Everyone, ParleyJson.Wire.DeleteContactGroupResponse)
        .Map<MarkContacts, MarkContactsRequest, MarkContactsResponse>(Service, "mark_contact", Callers.Everyone, ParleyJson.Wire.MarkContactsResponse)
        .Map<SearchContacts, SearchContactsRequest, SearchContactsResponse>(
            Service, "search_contact_group", Callers.Everyone, ParleyJson.Wire.SearchContactsResponse)
        .Map<GetContacts, GetContactsRequest, GetContactsResponse>(Service, "get_contact_group", Callers.Everyone, ParleyJson.Wire.GetContactsResponse)
        .Map<PinConversation, PinConversationRequest, DisplayEnvelope>(Service, "set_top", Callers.Everyone, ParleyJson.Wire.DisplayEnvelope)
        .Map<SetReceiveOption, SetReceiveOptionRequest, DisplayEnvelope>(Service, "set_recv_opt", Callers.Everyone, ParleyJson.Wire.DisplayEnvelope)
        .Map<GetSettings, GetSettingsRequest, GetSettingsResponse>(Service, "get_settings", Callers.Everyone, ParleyJson.Wire.GetSettingsResponse);
}
