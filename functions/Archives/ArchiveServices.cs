using Parley.Rest;
using Parley.Tasks;

namespace Parley.Archives;

public static class ArchiveServices
{
    private const string Service = "openconfigsvr";

    public static IServiceCollection AddArchives(this IServiceCollection services) => services
        .AddSingleton<AppExport>()
        .AddSingleton<AppRestore>().AddSingleton<AppClosure>().AddSingleton<AppContents>().AddSingleton<ArchiveVerification>().AddSingleton<ArchiveWriting>().AddSingleton<LateRowMending>()
        .AddSingleton<ArchiveMending>().AddSingleton<AccountMending>().AddSingleton<GroupMending>().AddSingleton<GroupLogMending>().AddSingleton<ListMending>()
        .AddSingleton<ITaskKind, ExportTask>().AddSingleton<ITaskKind, RestoreTask>()
        .AddSingleton<ExportApp>().AddSingleton<RestoreApp>();

    public static CommandRegistry MapArchives(this CommandRegistry commands) => commands
        .Map<ExportApp, ExportAppRequest, StartTaskResponse>(Service, "export_app", Callers.Admins, ParleyJson.Wire.StartTaskResponse)
        .Map<RestoreApp, RestoreAppRequest, StartTaskResponse>(Service, "restore_app", Callers.Admins, ParleyJson.Wire.StartTaskResponse);
}
