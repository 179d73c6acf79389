using System.Buffers.Binary;
using System.IO.Hashing;
using System.Numerics;
using System.Text;

namespace Parley.Statistics;

/// <summary>
/// Counts different texts without keeping them: 4,096 registers, each with the highest rank of the hashes that fell to it. Sketches of the
/// same day from several instances merge by maximum, so a text that each has seen counts once.
/// </summary>
/// <remarks>
/// The standard error is 1.6 %; up to some dozens the count is nearly always exact. Stored as bytes: three for each register that is not 0, or
/// all 4,096 when that is less.
/// Source: P. Flajolet et al., HyperLogLog (2007); the estimate is that of O. Ertl, arXiv:1702.01284, which needs no correction of bias.
/// </remarks>
public sealed class DistinctSketch
{
    private const int IndexBits = 12;
    private const int Registers = 1 << IndexBits;
    private const int MaxRank = 64 - IndexBits + 1;
    private const int BytesPerEntry = 3;

    private readonly byte[] _ranks = new byte[Registers];

    /// <summary>About how many different texts were added.</summary>
    public long Count => (long)Math.Round(Estimate());

    /// <exception cref="FormatException">These are not the bytes of a sketch.</exception>
    public static DistinctSketch FromBytes(byte[] bytes)
    {
        var sketch = new DistinctSketch();
        if (bytes.Length == Registers)
        {
            bytes.CopyTo(sketch._ranks, 0);
        }
        else if (bytes.Length % BytesPerEntry == 0 && bytes.Length < Registers)
        {
            foreach (var entry in bytes.Chunk(BytesPerEntry))
            {
                var index = BinaryPrimitives.ReadUInt16BigEndian(entry);
                sketch._ranks[index < Registers ? index : throw new FormatException("A sketch with a register too many.")] = entry[2];
            }
        }
        else
        {
            throw new FormatException("A sketch of an unknown length.");
        }

        return sketch._ranks.Max() <= MaxRank ? sketch : throw new FormatException("A sketch with an impossible rank.");
    }

    public byte[] ToBytes()
    {
        var entries = _ranks.Index().Where(register => register.Item > 0).ToList();
        return entries.Count * BytesPerEntry < Registers
            ? [.. entries.SelectMany(register => (byte[])[(byte)(register.Index >> 8), (byte)register.Index, register.Item])]
            : [.. _ranks];
    }

    /// <summary>Counts a text, unless it was counted before.</summary>
    public void Add(string text)
    {
        var hash = XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(text));
        var index = hash >> (64 - IndexBits);
        var rank = (byte)(BitOperations.LeadingZeroCount((hash << IndexBits) | (1UL << (IndexBits - 1))) + 1);
        _ranks[index] = Math.Max(_ranks[index], rank);
    }

    /// <summary>Counts what the other has counted too.</summary>
    public void Merge(DistinctSketch other)
    {
        for (var index = 0; index < Registers; index++)
        {
            _ranks[index] = Math.Max(_ranks[index], other._ranks[index]);
        }
    }

    private double Estimate()
    {
        var counts = new int[MaxRank + 1];
        foreach (var rank in _ranks)
        {
            counts[rank]++;
        }

        var z = Registers * Tau(1 - ((double)counts[MaxRank] / Registers));
        for (var rank = MaxRank - 1; rank >= 1; rank--)
        {
            z = 0.5 * (z + counts[rank]);
        }

        z += Registers * Sigma((double)counts[0] / Registers);
        return Registers / (2 * Math.Log(2)) * Registers / z;
    }

    // Of the share of registers that are still 0.
    private static double Sigma(double x)
    {
        if (x >= 1)
        {
            return double.PositiveInfinity;
        }

        var (sum, before, factor) = (x, -1.0, 1.0);
        while (sum > before)
        {
            x *= x;
            before = sum;
            sum += x * factor;
            factor += factor;
        }

        return sum;
    }

    // Of the share of registers that are not at the highest rank.
    private static double Tau(double x)
    {
        if (x is <= 0 or >= 1)
        {
            return 0;
        }

        var (rest, before, factor) = (1 - x, 2.0, 1.0);
        while (rest < before)
        {
            x = Math.Sqrt(x);
            before = rest;
            factor *= 0.5;
            rest -= (1 - x) * (1 - x) * factor;
        }

        return rest / 3;
    }
}
