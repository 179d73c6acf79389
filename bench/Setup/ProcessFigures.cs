using System.Globalization;

namespace Parley.Bench.Setup;

/// <summary>What the kernel knows of a process.</summary>
/// <param name="CpuSeconds">User and system time of all its threads, in steps of 10 ms.</param>
/// <param name="ResidentBytes">Memory in use now (VmRSS).</param>
/// <param name="PeakResidentBytes">The most that it ever was (VmHWM).</param>
/// <remarks>Source: proc(5), <c>/proc/PID/stat</c> fields 14 and 15, <c>/proc/PID/status</c>.</remarks>
internal sealed record ProcessFigures(double CpuSeconds, long ResidentBytes, long PeakResidentBytes)
{
    // USER_HZ, which Linux fixes at 100 on all its current platforms.
    private const double TicksPerSecond = 100;

    /// <exception cref="BenchException">There is no such process (any more).</exception>
    public static ProcessFigures Of(int processId)
    {
        try
        {
            var status = File.ReadAllLines($"/proc/{processId}/status");
            return new ProcessFigures(CpuOf(processId), Bytes(status, "VmRSS:"), Bytes(status, "VmHWM:"));
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            throw new BenchException($"The handler, process {processId}, ended while it was measured.", e);
        }
    }

    private static double CpuOf(int processId)
    {
        // The second field is the program's name in brackets and may hold anything; count from behind it.
        var text = File.ReadAllText($"/proc/{processId}/stat");
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return (Ticks(fields[11]) + Ticks(fields[12])) / TicksPerSecond;
    }

    private static long Ticks(string field) => long.Parse(field, CultureInfo.InvariantCulture);

    private static long Bytes(string[] status, string name)
    {
        var line = status.Single(text => text.StartsWith(name, StringComparison.Ordinal));
        return Ticks(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim()) * 1024;
    }
}
