using System.Globalization;

namespace Parley.Groups.Messages;

/// <summary>
/// How many messages a group takes a second. While there is room everybody is let through; room for higher priorities is kept back as far as they needed it in
/// the second before, so that under pressure the more important ones win.
/// </summary>
/// <param name="Second">The second that is counted, Unix time.</param>
/// <param name="Accepted">What was let through in it.</param>
/// <param name="Offered">What came in it, by priority, highest first; refused ones too, as far as they were noticed.</param>
/// <param name="Before">The same of the second before.</param>
/// <remarks>
/// Source: API reference, groups §5.1: 40 a second, higher MsgPriority wins. How it wins is our choice. In stored groups this stands in the head, so it counts for all instances
/// together; in live rooms each instance counts for itself.
/// </remarks>
public sealed record MessageRate(long Second, int Accepted, IReadOnlyList<int> Offered, IReadOnlyList<int> Before)
{
    private static readonly int[] None = [0, 0, 0, 0];

    public static readonly MessageRate Empty = new(0, 0, None, None);

    /// <summary>Counts one more message.</summary>
    /// <param name="second">Unix seconds; one that is before the last counts as that.</param>
    /// <returns>Whether it is let through, and the count with it.</returns>
    public (bool IsAccepted, MessageRate Next) Offer(long second, MessagePriority priority, int limit)
    {
        var current = At(second);
        var rank = (int)priority - 1;
        var offered = current.Offered.ToArray();
        offered[rank]++;
        var keptBack = Enumerable.Range(0, rank).Sum(higher => Math.Max(0, current.Before[higher] - current.Offered[higher]));
        var isAccepted = current.Accepted < limit - Math.Min(keptBack, limit);
        return (isAccepted, current with { Offered = offered, Accepted = current.Accepted + (isAccepted ? 1 : 0) });
    }

    public static MessageRate Parse(string text)
    {
        var parts = text.Split(';');
        return parts.Length == 4
            ? new MessageRate(
                long.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture), Counts(parts[2]), Counts(parts[3]))
            : Empty;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Second};{Accepted};{string.Join(',', Offered)};{string.Join(',', Before)}");

    private MessageRate At(long second) => second <= Second ? this : new MessageRate(second, 0, None, second == Second + 1 ? Offered : None);

    private static int[] Counts(string text) => [.. text.Split(',').Select(count => int.Parse(count, CultureInfo.InvariantCulture))];
}
