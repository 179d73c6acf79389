using System.Buffers.Binary;
using System.Text;

namespace Parley.Tests.EndToEnd.Telemetry;

/// <summary>One field of a message: a number, or bytes that are a text, a list of numbers or a message of their own.</summary>
internal readonly record struct ProtobufField(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)
{
    public ProtobufMessage Message => new(Bytes);

    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    public string Hex => Convert.ToHexStringLower(Bytes.Span);

    public double Double => BitConverter.UInt64BitsToDouble(Value);

    public IReadOnlyList<double> Doubles
    {
        get
        {
            var (all, bytes) = (new List<double>(), Bytes);
            for (; bytes.Length >= 8; bytes = bytes[8..])
            {
                all.Add(BinaryPrimitives.ReadDoubleLittleEndian(bytes.Span));
            }

            return all;
        }
    }
}

/// <summary>Reads the wire format of Protocol Buffers without a schema: fields by number.</summary>
internal readonly struct ProtobufMessage(ReadOnlyMemory<byte> bytes)
{
    /// <summary>Every field of that number, in order.</summary>
    public IEnumerable<ProtobufField> All(int number) => Fields().Where(field => field.Number == number);

    /// <summary>The last field of that number; an empty one if it is missing.</summary>
    public ProtobufField One(int number) => All(number).LastOrDefault();

    public bool Has(int number) => All(number).Any();

    private IEnumerable<ProtobufField> Fields()
    {
        var rest = bytes;
        while (!rest.IsEmpty)
        {
            var tag = ReadVarint(ref rest);
            var number = (int)(tag >> 3);
            yield return (tag & 7) switch
            {
                0 => new ProtobufField(number, ReadVarint(ref rest), default),
                1 => new ProtobufField(number, BinaryPrimitives.ReadUInt64LittleEndian(Take(ref rest, 8).Span), default),
                2 => new ProtobufField(number, 0, Take(ref rest, (int)ReadVarint(ref rest))),
                5 => new ProtobufField(number, BinaryPrimitives.ReadUInt32LittleEndian(Take(ref rest, 4).Span), default),
                var type => throw new InvalidDataException($"Wire type {type} is none that is in use."),
            };
        }
    }

    private static ulong ReadVarint(ref ReadOnlyMemory<byte> rest)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = Take(ref rest, 1).Span[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> rest, int count)
    {
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
