using System.Diagnostics;
using System.Globalization;

namespace Parley.Local.FunctionsHost;

/// <summary>How the handler is started: its file, arguments, folder and environment.</summary>
/// <remarks>Source: custom handler contract, sections 1 and 2.</remarks>
internal sealed class HandlerCommand(FunctionApp app)
{
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly CustomHandlerSettings _settings = app.Host.CustomHandler;
    private readonly string _file = FindExecutable(app);

    public ProcessStartInfo OnPort(int port)
    {
        var start = new ProcessStartInfo(_file, string.Join(' ', _settings.Arguments.Select(app.Settings.Expand)))
        {
            WorkingDirectory = Path.Combine(app.Folder, app.Settings.Expand(_settings.WorkingDirectory)),
        };
        foreach (var (name, value) in app.Settings.Values)
        {
            start.Environment[name] = value;
        }

        var portText = port.ToString(CultureInfo.InvariantCulture);
        var workerId = Guid.NewGuid().ToString();
        start.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = portText;
        start.Environment["FUNCTIONS_CUSTOMHANDLER_WORKER_ID"] = workerId;
        start.Environment["FUNCTIONS_HTTPWORKER_PORT"] = portText;
        start.Environment["FUNCTIONS_HTTPWORKER_ID"] = workerId;
        start.Environment["FUNCTIONS_APP_ROOT_PATH"] = app.Folder;
        return start;
    }

    /// <summary>A file under the app folder, else a command on the PATH.</summary>
    private static string FindExecutable(FunctionApp app)
    {
        var settings = app.Host.CustomHandler;
        var name = app.Settings.Expand(settings.ExecutablePath);
        var inApp = Path.Combine(app.Folder, settings.WorkerDirectory, name);
        if (File.Exists(inApp))
        {
            MakeExecutable(inApp);
            return inApp;
        }

        var windowsFile = inApp + ".exe";
        if (OperatingSystem.IsWindows() && File.Exists(windowsFile))
        {
            return windowsFile;
        }

        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
        return onPath ?? throw new InvalidFunctionAppException(
            $"{Path.Combine(app.Folder, "host.json")}: customHandler.description.defaultExecutablePath '{name}' is neither a file in {app.Folder} nor a command on the PATH.");
    }

    // A package unzipped without its modes: the real host does the same on its Linux plans.
    private static void MakeExecutable(string file)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & Execute) != Execute)
        {
            File.SetUnixFileMode(file, File.GetUnixFileMode(file) | Execute);
        }
    }
}
