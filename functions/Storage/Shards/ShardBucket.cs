using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Parley.Storage.Shards;

/// <summary>A part of all partitions, by a hash of their keys, that is in one storage account and moved as a whole.</summary>
/// <param name="App">The app, if it has places of its own; otherwise <see cref="AllApps"/>.</param>
/// <param name="Number">Less than <see cref="Count"/>.</param>
public readonly record struct ShardBucket(uint App, int Number)
{
    /// <summary>Enough that a hundred accounts can be filled evenly, and that one of them is moved within seconds.</summary>
    public const int Count = 1_024;

    /// <summary>Stands for all apps that have no places of their own.</summary>
    public const uint AllApps = 0;

    private const int Bits = 10;

    /// <summary>The number that a partition key gives, in every program and for ever: what is stored lies where it says.</summary>
    public static int NumberOf(string partitionKey)
    {
        Span<byte> bytes = stackalloc byte[512];
        var hash = Encoding.UTF8.TryGetBytes(partitionKey, bytes, out var length)
            ? XxHash3.HashToUInt64(bytes[..length])
            : XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(partitionKey));
        return (int)(hash >> (64 - Bits));
    }

    /// <summary>The app that a partition belongs to: <c>{app}|…</c>, <c>{letter}|{app}</c> or <c>{letter}|{app}|…</c>; <see cref="AllApps"/> if none.</summary>
    public static uint AppOf(string partitionKey)
    {
        var rest = partitionKey.AsSpan();
        if (rest.Length > 2 && rest[1] == '|' && char.IsAsciiLetter(rest[0]))
        {
            rest = rest[2..];
        }

        var end = rest.IndexOf('|');
        return uint.TryParse(end < 0 ? rest : rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var app) ? app : AllApps;
    }
}
