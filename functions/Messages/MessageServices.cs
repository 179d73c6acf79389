using Parley.Rest;

namespace Parley.Messages;

public static class MessageServices
{
    private const string Service = "openim";

    public static IServiceCollection AddMessages(this IServiceCollection services) => services
        .AddSingleton<ConversationTable>().AddSingleton<ConversationHistory>().AddSingleton<ConversationTrimming>().AddSingleton<RecentDeliveries>().AddSingleton<MessageSender>()
        .AddSingleton<ISendCheck, MutedSenderCheck>().AddSingleton<SendChecks>()
        .AddSingleton<SendMessage>().AddSingleton<SendMessages>().AddSingleton<GetRoamingMessages>();

    public static CommandRegistry MapMessages(this CommandRegistry commands) => commands
        .Map<SendMessage, SendMessageRequest, SendMessageResponse>(Service, "sendmsg", Callers.Everyone, ParleyJson.Wire.SendMessageResponse)
        .Map<SendMessages, SendMessagesRequest, SendMessagesResponse>(Service, "batchsendmsg", Callers.Admins, ParleyJson.Wire.SendMessagesResponse)
        .Map<GetRoamingMessages, RoamingMessagesRequest, RoamingMessagesResponse>(
            Service, "admin_getroammsg", Callers.Admins, ParleyJson.Wire.RoamingMessagesResponse);
}
