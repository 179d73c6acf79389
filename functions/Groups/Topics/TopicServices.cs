using Parley.Rest;
using Parley.Storage;

namespace Parley.Groups.Topics;

/// <summary>The commands of topics; messages there are those of groups, with a TopicId.</summary>
public static class TopicServices
{
    private const string Service = "million_group_open_http_svc";

    public static IServiceCollection AddTopics(this IServiceCollection services) => services
        .AddSingleton<TopicRemoval>().AddSingleton<ISweptRows>(provider => provider.GetRequiredService<TopicRemoval>())
        .AddSingleton<TopicCreation>().AddSingleton<TopicEntrance>().AddSingleton<CreateTopic>().AddSingleton<ImportTopic>().AddSingleton<GetTopics>().AddSingleton<ModifyTopic>().AddSingleton<DestroyTopics>();

    public static CommandRegistry MapTopics(this CommandRegistry commands) => commands
        .Map<CreateTopic, CreateTopicRequest, CreateTopicResponse>(Service, "create_topic", Callers.Everyone, ParleyJson.Wire.CreateTopicResponse)
        .Map<GetTopics, GetTopicsRequest, GetTopicsResponse>(Service, "get_topic", Callers.Everyone, ParleyJson.Wire.GetTopicsResponse)
        .Map<ModifyTopic, ModifyTopicRequest, Envelope>(Service, "modify_topic", Callers.Everyone, ParleyJson.Wire.Envelope)
        .Map<DestroyTopics, DestroyTopicsRequest, DestroyTopicsResponse>(Service, "destroy_topic", Callers.Everyone, ParleyJson.Wire.DestroyTopicsResponse)
        .Map<ImportTopic, CreateTopicRequest, CreateTopicResponse>(GroupServices.Service, "import_topic", Callers.Admins, ParleyJson.Wire.CreateTopicResponse);
}
