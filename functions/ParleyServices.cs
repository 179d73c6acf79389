using Parley.Accounts;
using Parley.Apps;
using Parley.Connections;
using Parley.Conversations;
using Parley.Delivery;
using Parley.Maintenance;
using Parley.Messages;
using Parley.Rest;
using Parley.Storage;

namespace Parley;

public static class ParleyServices
{
    /// <summary>Everything that the app consists of: the shared rooms, the features, and their commands.</summary>
    public static IServiceCollection AddParley(this IServiceCollection services) => services
        .AddStorage()
        .AddDelivery()
        .AddApps()
        .AddAccounts()
        .AddMessages()
        .AddConversations()
        .AddClientConnections()
        .AddMaintenance()
        .AddRest(commands => commands
            .MapAccounts()
            .MapMessages()
            .MapConversations());
}
