namespace Parley.Local.SignalRService.Upstream;

/// <summary>How a client's invocation is to be completed: with frames that upstream made, with an error, or else with nothing.</summary>
internal readonly record struct UpstreamAnswer(ReadOnlyMemory<byte>? ReadyFrames, string? Error)
{
    public static readonly UpstreamAnswer Void;

    public static UpstreamAnswer Failed(string error) => new(ReadyFrames: null, error);

    public static UpstreamAnswer Ready(byte[] frames) => new(frames, Error: null);
}
