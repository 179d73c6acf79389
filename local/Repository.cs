namespace Parley.Local;

/// <summary>Places in the working copy that this program was built from.</summary>
public static class Repository
{
    private const string Marker = "Parley.slnx";

    /// <exception cref="StartFailedException">No folder above the program holds the solution.</exception>
    public static string Root { get; } = Find();

    public static string AzuriteFolder => Path.Combine(Root, "local", "azurite");

    public static string DefaultDataFolder => Path.Combine(Root, ".parley");

    /// <summary>The handler as an ordinary build leaves it, in the configuration that this program was built in.</summary>
    public static string DefaultAppFolder => Path.Combine(Root, "functions", "bin", Configuration, "net10.0");

    /// <summary>This program as an ordinary build leaves it.</summary>
    public static string Program => Path.Combine(Root, "local", "bin", Configuration, "net10.0", "Parley.Local.dll");

#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Marker)))
            {
                return folder.FullName;
            }
        }

        throw new StartFailedException($"{Marker} was not found in any folder above {AppContext.BaseDirectory}. Run this program from a working copy of Parley.");
    }
}
