using Parley.Rest;

namespace Parley.Events;

public static class EventServices
{
    public static IServiceCollection AddEvents(this IServiceCollection services) =>
        services.AddSingleton<AccountEvents>().AddSingleton<EventReader>().AddSingleton<GetEvents>();

    public static CommandRegistry MapEvents(this CommandRegistry commands) =>
        commands.Map<GetEvents, GetEventsRequest, GetEventsResponse>("openim", "get_events", Callers.Everyone, ParleyJson.Wire.GetEventsResponse);
}
