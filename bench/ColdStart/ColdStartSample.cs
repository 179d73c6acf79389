namespace Parley.Bench.ColdStart;

/// <summary>One start of the handler.</summary>
/// <param name="ReadyMilliseconds">From the start of the process until it answered anything at all.</param>
/// <param name="StoredMilliseconds">From the start of the process until its first message was stored and answered.</param>
/// <param name="CpuMilliseconds">Processor time of the process until then; does not depend on who else uses the computer. In steps of 10 ms.</param>
/// <param name="ResidentBytes">Memory of the process then.</param>
internal sealed record ColdStartSample(double ReadyMilliseconds, double StoredMilliseconds, double CpuMilliseconds, long ResidentBytes);
