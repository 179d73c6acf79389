using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Parley.Local;

/// <summary>A process that an environment started, so that the next start can end what a killed one left behind.</summary>
/// <param name="Pid">Process id, which the system may have given to another process since.</param>
/// <param name="StartedAt">Start of the process; together with the id it names one process.</param>
public sealed record ChildRecord(int Pid, DateTimeOffset StartedAt)
{
    // The system derives the start from clock ticks since boot, so two readings may differ a little.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);
    // Azurite writes its data when its input closes; killed before, it loses the last seconds. A busy machine takes its time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Null when the process has ended.</summary>
    public static ChildRecord? Of(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return new ChildRecord(pid, new DateTimeOffset(process.StartTime));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    public static void WriteAll(DataFolder folder, IEnumerable<int> pids)
    {
        var records = pids.Select(Of).OfType<ChildRecord>().ToArray();
        File.WriteAllBytes(folder.Children, JsonSerializer.SerializeToUtf8Bytes(records, LocalJson.Default.ChildRecordArray));
    }

    /// <summary>Ends the processes that an environment left behind. They are told of its death by a closed pipe, so they get some time first.</summary>
    public static async Task EndLeftoversAsync(DataFolder folder, CancellationToken cancellation)
    {
        foreach (var record in ReadAll(folder))
        {
            await record.EndAsync(cancellation);
        }

        Forget(folder);
    }

    public static void Forget(DataFolder folder) => File.Delete(folder.Children);

    private static ChildRecord[] ReadAll(DataFolder folder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(folder.Children), LocalJson.Default.ChildRecordArray) ?? [];
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException)
        {
            return [];
        }
    }

    private async Task EndAsync(CancellationToken cancellation)
    {
        if (Of(Pid) is not { } current || (current.StartedAt - StartedAt).Duration() > Tolerance)
        {
            return;
        }

        using var process = Process.GetProcessById(Pid);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(cancellation);
        }
    }
}
