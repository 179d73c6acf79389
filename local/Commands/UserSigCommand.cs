namespace Parley.Local.Commands;

/// <summary>Prints a UserSig and nothing else, for use in <c>$(…)</c>. Needs a data folder, not a running environment.</summary>
internal static class UserSigCommand
{
    public static int Run(CommandLine line, DataFolder folder, TimeProvider time)
    {
        var app = folder.FindApp()
            ?? throw new StartFailedException($"No environment was ever started with the data folder {folder.Path}. Run 'dotnet run --project local' first.");
        Console.Out.WriteLine(app.Sign(line.Account, time, line.Validity));
        return 0;
    }
}
