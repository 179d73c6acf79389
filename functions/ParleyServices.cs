using Parley.Accounts;
using Parley.Apps;
using Parley.Callbacks;
using Parley.Connections;
using Parley.Conversations;
using Parley.Delivery;
using Parley.Events;
using Parley.Groups;
using Parley.Health;
using Parley.Identity;
using Parley.Logins;
using Parley.Maintenance;
using Parley.Messages;
using Parley.Moderation;
using Parley.Profiles;
using Parley.Relationships;
using Parley.Rest;
using Parley.Settings;
using Parley.Statistics;
using Parley.Storage;
using Parley.Telemetry;

namespace Parley;

public static class ParleyServices
{
    /// <summary>Everything that the app consists of: the shared rooms, the features, and their commands.</summary>
    public static IServiceCollection AddParley(this IServiceCollection services) => services
        .AddTelemetry()
        .AddIdentity()
        .AddStorage()
        .AddDelivery()
        .AddApps()
        .AddStatistics()
        .AddCallbacks()
        .AddSettings()
        .AddModeration()
        .AddAccounts()
        .AddLogins()
        .AddEvents()
        .AddMessages()
        .AddConversations()
        .AddGroups()
        .AddProfiles()
        .AddRelationships()
        .AddClientConnections()
        .AddMaintenance()
        .AddHealth()
        .AddRest(commands => commands
            .MapSettings()
            .MapCallbacks()
            .MapStatistics()
            .MapModeration()
            .MapAccounts()
            .MapLogins()
            .MapEvents()
            .MapMessages()
            .MapConversations()
            .MapGroups()
            .MapProfiles()
            .MapRelationships()
            .MapClientConnections());
}
