using Parley.Rest;

namespace Parley.Tasks;

public static class TaskServices
{
    private const string Service = "openconfigsvr";

    public static IServiceCollection AddTasks(this IServiceCollection services) => services
        .AddSingleton<TaskTable>().AddSingleton<TaskRunner>().AddSingleton<TaskFunction>().AddSingleton<TaskRevival>()
        .AddSingleton<GetTask>().AddSingleton<ListTasks>();

    public static CommandRegistry MapTasks(this CommandRegistry commands) => commands
        .Map<GetTask, GetTaskRequest, GetTaskResponse>(Service, "get_task", Callers.Admins, ParleyJson.Wire.GetTaskResponse)
        .Map<ListTasks, ListTasksRequest, ListTasksResponse>(Service, "list_tasks", Callers.Admins, ParleyJson.Wire.ListTasksResponse);
}
