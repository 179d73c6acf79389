using System.Buffers;
using System.IO.Pipelines;

namespace Parley.Rest;

/// <summary>Takes the body of a request as a whole.</summary>
public static class RequestBody
{
    /// <summary>Reads to the end; null when there is more than allowed.</summary>
    /// <remarks>Too much is read to its end all the same, and dropped: a proxy that still sends takes an early answer for a fault.</remarks>
    public static async ValueTask<byte[]?> ReadAsync(PipeReader reader, int maxBytes, CancellationToken cancellation)
    {
        var isTooLarge = false;
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            isTooLarge |= read.Buffer.Length > maxBytes;
            if (read.IsCompleted)
            {
                var body = isTooLarge ? null : read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(isTooLarge ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
        }
    }
}
