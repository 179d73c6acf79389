using System.Net;
using Parley.Rest;

namespace Parley.Settings;

/// <summary>
/// Setting <c>Addresses</c>: what <see cref="GetAddresses"/> answers, replaced as a whole.
/// <code>{ "2": ["192.0.2.17"], "6": ["198.51.100.0/25", "2001:db8::/48"] }</code>
/// </summary>
/// <remarks>Addresses and ranges are taken in their usual spelling only, so that the same one is not there twice.</remarks>
public static class AddressesSetting
{
    private const string Name = "Addresses";
    private const int MaxAddresses = 50;

    /// <summary>What an address can be for; <c>nettype</c> of the API reference, openim §16, without 0 for all.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["1", "2", "3", "4", "5", "6"];

    public static AppSetting Create() => AppSetting.Of(
        Name, ParleyJson.Wire.IReadOnlyDictionaryStringIReadOnlyListString, app => app.Addresses, ReadAll, (app, value) => app with { Addresses = value });

    private static IReadOnlyDictionary<string, IReadOnlyList<string>> ReadAll(FieldReader fields)
    {
        var addresses = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (fields.Element(Name) is not { } element)
        {
            fields.Fail(ApiError.SettingInvalid.In(Name));
            return addresses;
        }

        if (SettingObject.TryOpen(element, Name, [.. Kinds], fields) is not { } own)
        {
            return addresses;
        }

        foreach (var kind in Kinds.Where(own.Has))
        {
            var texts = own.OptionalTexts(kind, ApiError.SettingInvalid);
            addresses[kind] = texts;
            if (own.Error is not null || texts.Count > MaxAddresses || !texts.All(IsAddressOrRange) || texts.Distinct().Count() != texts.Count)
            {
                fields.Fail(ApiError.SettingInvalid.In($"{Name}.{kind}"));
            }
        }

        return addresses;
    }

    private static bool IsAddressOrRange(string text) => text.Contains('/')
        ? IPNetwork.TryParse(text, out var range) && range.ToString() == text
        : IPAddress.TryParse(text, out var address) && address.ToString() == text && !text.Contains('%');
}
