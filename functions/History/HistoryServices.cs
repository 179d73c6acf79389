using Parley.Rest;
using Parley.Tasks;

namespace Parley.History;

public static class HistoryServices
{
    public static IServiceCollection AddHistory(this IServiceCollection services) => services
        .AddSingleton<HistoryFileTable>().AddSingleton<C2CHistory>().AddSingleton<GroupHistory>()
        .AddSingleton<ITaskKind, HistoryCollection>().AddSingleton<HistorySweep>().AddSingleton<GetHistory>();

    // Who is no administrator gets a code of the service's own.
    public static CommandRegistry MapHistory(this CommandRegistry commands) => commands
        .Map<GetHistory, GetHistoryRequest, GetHistoryResponse>("open_msg_svc", "get_history", Callers.Everyone, ParleyJson.Wire.GetHistoryResponse);
}
