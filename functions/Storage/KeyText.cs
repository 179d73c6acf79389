using System.Globalization;
using System.Text;

namespace Parley.Storage;

/// <summary>
/// Text that is safe inside a table key, a SignalR user id and a URL path: ASCII letters, digits and - _ . @ stay,
/// every other UTF-8 byte becomes =XX. Different texts give different keys.
/// </summary>
/// <remarks>A key may not hold / \ # ? or control characters; | and % are ours, as separators and for URLs. An account of 32 bytes gives at most 96 characters.</remarks>
public static class KeyText
{
    /// <summary>Escapes one part of a key.</summary>
    public static string Escape(string text)
    {
        if (text.All(IsPlain))
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length * 3);
        foreach (var part in Encoding.UTF8.GetBytes(text))
        {
            if (IsPlain((char)part))
            {
                escaped.Append((char)part);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"={part:X2}");
            }
        }

        return escaped.ToString();
    }

    /// <summary>Gives back what <see cref="Escape"/> was given.</summary>
    public static string Unescape(string key)
    {
        if (!key.Contains('='))
        {
            return key;
        }

        var bytes = new List<byte>(key.Length);
        for (var i = 0; i < key.Length; i++)
        {
            if (key[i] == '=')
            {
                bytes.Add(Convert.FromHexString(key.AsSpan(i + 1, 2))[0]);
                i += 2;
            }
            else
            {
                bytes.Add((byte)key[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>A sequence number as a key part: fixed width, so that keys sort as numbers do.</summary>
    public static string Sequence(long sequence) => sequence.ToString("D12", CultureInfo.InvariantCulture);

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@';
}
