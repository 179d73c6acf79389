using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Parley.Telemetry;

/// <summary>
/// Chooses a share of the traces by their ids, so that every process that a trace passes through chooses alike. What is not chosen is not recorded, but for the
/// outermost span, which is kept until its end and exported if it failed.
/// </summary>
/// <remarks>Whether a remote caller has recorded its part is not asked: the Functions host says no as a rule, and everybody could say yes.</remarks>
internal sealed class TraceSampler(double ratio) : Sampler
{
    private readonly TraceIdRatioBasedSampler _byId = new(ratio);

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        if (parent.TraceId != default && !parent.IsRemote)
        {
            return new SamplingResult(parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
        }

        var chosen = _byId.ShouldSample(samplingParameters).Decision == SamplingDecision.RecordAndSample;
        return new SamplingResult(chosen ? SamplingDecision.RecordAndSample : SamplingDecision.RecordOnly);
    }
}
