using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Parley.Local.SignalRService.Protocol;

namespace Parley.Local.SignalRService.Clients;

/// <summary>Frames waiting for one client's transport, bounded in number and in bytes, in the order of their arrival.</summary>
internal sealed class OutboundQueue(int frameLimit, long byteLimit)
{
    private readonly Channel<Frame> _frames = Channel.CreateUnbounded<Frame>(new() { SingleReader = true });
    private int _count;
    private long _bytes;

    /// <returns>False when the queue is full or closed: the frame is not in it.</returns>
    public bool TryAdd(Frame frame)
    {
        var count = Interlocked.Increment(ref _count);
        var bytes = Interlocked.Add(ref _bytes, frame.Bytes.Length);
        if (count <= frameLimit && bytes <= byteLimit && _frames.Writer.TryWrite(frame))
        {
            return true;
        }

        Release(frame);
        return false;
    }

    /// <summary>Ends the queue; what is in it can still be taken. A last frame gets in even when the queue is full.</summary>
    public void Complete(Frame? last = null)
    {
        if (last is { } frame)
        {
            Interlocked.Increment(ref _count);
            Interlocked.Add(ref _bytes, frame.Bytes.Length);
            _frames.Writer.TryWrite(frame);
        }

        _frames.Writer.TryComplete();
    }

    /// <returns>False when the queue is complete and empty.</returns>
    public ValueTask<bool> WaitAsync() => _frames.Reader.WaitToReadAsync();

    public bool TryTake([MaybeNullWhen(false)] out Frame frame)
    {
        if (!_frames.Reader.TryRead(out frame))
        {
            return false;
        }

        Release(frame);
        return true;
    }

    private void Release(Frame frame)
    {
        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _bytes, -frame.Bytes.Length);
    }
}
