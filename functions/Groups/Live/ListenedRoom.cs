using System.Globalization;
using Parley.Storage;

namespace Parley.Groups.Live;

/// <summary>A room that an account or a guest is in; one part of row <c>y</c>.</summary>
/// <param name="Epoch">Tells the room from an earlier one of the same name.</param>
/// <param name="Attempt">Names the call that joined.</param>
/// <param name="Touches">Grows when the account joins again though it is in.</param>
/// <param name="HeardUntil">Until when SignalR lets the account's devices hear it, Unix seconds.</param>
/// <param name="KeptUntil">Until when the account stays in without being connected, Unix seconds; see <see cref="LiveMark.AlwaysOnline"/>.</param>
public sealed record ListenedRoom(string GroupId, long Epoch, string Attempt, int Touches, long HeardUntil, long KeptUntil = 0)
{
    private const int Parts = 6;

    public static ListenedRoom Parse(string text)
    {
        var parts = text.Split(',');
        return parts.Length == Parts
            ? new ListenedRoom(KeyText.Unescape(parts[0]), Number(parts[1]), parts[2], (int)Number(parts[3]), Number(parts[4]), Number(parts[5]))
            : throw new FormatException("A room in row y cannot be read.");
    }

    /// <summary>Whether nothing has happened to it since.</summary>
    public bool IsSameAs(ListenedRoom other) => Attempt == other.Attempt && Touches == other.Touches;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{KeyText.Escape(GroupId)},{Epoch},{Attempt},{Touches},{HeardUntil},{KeptUntil}");

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
