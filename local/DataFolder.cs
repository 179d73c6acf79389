using System.Text;

namespace Parley.Local;

/// <summary>
/// The folder of one environment: <c>azurite/</c> (stored data), <c>secret</c> (of the demo app), <c>local.json</c> (while
/// running), <c>children.json</c> (processes started), <c>local.log</c>, <c>lock</c> (held while running).
/// </summary>
public sealed class DataFolder(string path)
{
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string Azurite => In("azurite");

    public string Settings => In("local.json");

    public string Log => In("local.log");

    internal string Children => In("children.json");

    private string Secret => In("secret");

    /// <summary>Makes the folder and keeps other environments out of it until the result is disposed or this process ends.</summary>
    /// <exception cref="StartFailedException">Another process holds it.</exception>
    public IDisposable Lock()
    {
        Directory.CreateDirectory(Path);
        try
        {
            return new FileStream(In("lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            var where = LocalSettings.TryRead(Settings) is { } running ? $" It answers at {running.Api}." : "";
            throw new StartFailedException($"An environment is running already with the data folder {Path}.{where} Stop it, or name another folder with --data.", e);
        }
    }

    /// <summary>Forgets stored data and the demo app's secret. Deletes only what this program made.</summary>
    public void Drop()
    {
        if (Directory.Exists(Azurite))
        {
            Directory.Delete(Azurite, recursive: true);
        }

        File.Delete(Secret);
        File.Delete(Log);
        RemoveSettings();
    }

    public void RemoveSettings() => File.Delete(Settings);

    /// <summary>The demo app of this folder; null if no environment has been started here.</summary>
    public DemoApp? FindApp() => File.Exists(Secret) ? new DemoApp(File.ReadAllText(Secret).Trim()) : null;

    public DemoApp FindOrCreateApp()
    {
        if (FindApp() is { } known)
        {
            return known;
        }

        var app = DemoApp.Create();
        using var file = PrivateFile.Create(Secret);
        file.Write(Encoding.ASCII.GetBytes(app.Secret));
        return app;
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
