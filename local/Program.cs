using Parley.Local;
using Parley.Local.Commands;
using Parley.Local.Resharding;

try
{
    using var signals = new StopSignals();
    if (args is ["reshard", .. var rest])
    {
        var reshard = ReshardLine.Parse(rest);
        if (reshard.IsHelp)
        {
            Console.Out.Write(ReshardLine.Usage);
            return 0;
        }

        return await new ReshardCommand(reshard, new DataFolder(reshard.DataFolder ?? Repository.DefaultDataFolder), TimeProvider.System).RunAsync(signals.Token);
    }

    var line = CommandLine.Parse(args);
    if (line.EndsWithInput)
    {
        signals.FollowInput();
    }

    var folder = new DataFolder(line.DataFolder ?? Repository.DefaultDataFolder);
    switch (line.Kind)
    {
        case CommandKind.Help:
            Console.Out.Write(CommandLine.Usage);
            return 0;
        case CommandKind.UserSig:
            return UserSigCommand.Run(line, folder, TimeProvider.System);
        case CommandKind.Watch:
            return await new WatchCommand(line, folder, TimeProvider.System).RunAsync(signals.Token);
        case CommandKind.Export:
            return await new ArchiveCommand(line, folder, TimeProvider.System).ExportAsync(signals.Token);
        case CommandKind.Restore:
            return await new ArchiveCommand(line, folder, TimeProvider.System).RestoreAsync(signals.Token);
        default:
            return await new RunCommand(line, folder, TimeProvider.System).RunAsync(signals.Token);
    }
}
catch (UsageException e)
{
    await Console.Error.WriteLineAsync($"{e.Message} See --help.");
    return 2;
}
catch (StartFailedException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
