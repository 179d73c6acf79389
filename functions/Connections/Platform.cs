namespace Parley.Connections;

/// <summary>Platforms that are used alike; see <see cref="Apps.LoginPolicy.OnePerPlatformKind"/>.</summary>
public enum PlatformKind
{
    Mobile,
    Pad,
    Desktop,
    Web,
}

/// <summary>What kind of device a connection comes from, as its client says when it negotiates.</summary>
/// <param name="Name">As the API writes it.</param>
/// <param name="HasPush">Whether the device can be reached by push while it is not connected.</param>
/// <remarks>Source: API reference, account §6. A client that says nothing, or something else, counts as Web (our choice): no push is promised for it.</remarks>
public sealed record Platform(string Name, PlatformKind Kind, bool HasPush)
{
    public static readonly Platform Web = new("Web", PlatformKind.Web, HasPush: false);

    private static readonly Platform Pc = new("PC", PlatformKind.Desktop, HasPush: false);
    private static readonly Platform IPhone = new("iPhone", PlatformKind.Mobile, HasPush: true);

    private static readonly Dictionary<string, Platform> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Android"] = new("Android", PlatformKind.Mobile, HasPush: true),
        ["iPhone"] = IPhone,
        ["iOS"] = IPhone,
        ["iPad"] = new("iPad", PlatformKind.Pad, HasPush: true),
        ["Web"] = Web,
        ["PC"] = Pc,
        ["Windows"] = Pc,
        ["Linux"] = Pc,
        ["Mac"] = new("Mac", PlatformKind.Desktop, HasPush: false),
    };

    /// <summary>As callbacks write it.</summary>
    public string OriginName => Name switch
    {
        "iPhone" => "iOS",
        "PC" => "Windows",
        _ => Name,
    };

    /// <summary>Every platform that can be reached by push.</summary>
    public static IEnumerable<Platform> WithPush { get; } = [.. Known.Values.Where(platform => platform.HasPush).Distinct()];

    /// <summary>The platform of that name, in any case; Web for any other text.</summary>
    public static Platform Parse(string? text) => TryParse(text) ?? Web;

    /// <summary>As <see cref="Parse"/>; null for any other text.</summary>
    public static Platform? TryParse(string? text) => Known.GetValueOrDefault(text ?? "");
}
