using System.Diagnostics;
using OpenTelemetry.Trace;
using Parley.Telemetry;

namespace Parley.Tests.Telemetry;

public sealed class TraceSamplerTests
{
    [Fact]
    public void A_share_of_the_traces_is_chosen_by_their_ids_alone_whatever_a_remote_caller_says()
    {
        var (here, elsewhere) = (new TraceSampler(0.25), new TraceSampler(0.25));
        var ids = Enumerable.Range(0, 4_000).Select(_ => ActivityTraceId.CreateRandom()).ToList();

        var chosen = ids.Count(id => Decide(here, id, ActivityTraceFlags.None, isRemote: true) == SamplingDecision.RecordAndSample);

        Assert.InRange(chosen, 800, 1_200);
        Assert.All(ids, id => Assert.Equal(Decide(here, id, ActivityTraceFlags.None, isRemote: true), Decide(elsewhere, id, ActivityTraceFlags.Recorded, isRemote: true)));
    }

    [Theory]
    [InlineData(ActivityTraceFlags.Recorded, SamplingDecision.RecordAndSample)]
    [InlineData(ActivityTraceFlags.None, SamplingDecision.Drop)]
    public void Within_the_program_a_span_follows_the_one_that_it_is_a_part_of(ActivityTraceFlags flags, SamplingDecision expected)
    {
        Assert.Equal(expected, Decide(new TraceSampler(0), ActivityTraceId.CreateRandom(), flags, isRemote: false));
        Assert.Equal(expected, Decide(new TraceSampler(1), ActivityTraceId.CreateRandom(), flags, isRemote: false));
    }

    [Fact]
    public void What_is_not_chosen_is_kept_until_it_is_known_whether_it_failed() =>
        Assert.Equal(SamplingDecision.RecordOnly, Decide(new TraceSampler(0), ActivityTraceId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true));

    private static SamplingDecision Decide(TraceSampler sampler, ActivityTraceId id, ActivityTraceFlags flags, bool isRemote)
    {
        var parent = new ActivityContext(id, ActivitySpanId.CreateRandom(), flags, isRemote: isRemote);
        return sampler.ShouldSample(new SamplingParameters(parent, id, "name", ActivityKind.Server)).Decision;
    }
}
