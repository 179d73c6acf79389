using System.Text;
using System.Text.Json;
using Parley.Apps;
using Parley.Logins;
using Parley.Rest;

namespace Parley.Settings;

/// <summary>Setting <c>LoginProviders</c>: a list that is replaced as a whole; docs/login.md shows what is in it.</summary>
/// <remarks>A client secret that is left out stays as it is stored under the provider's name.</remarks>
public static class LoginProviderSetting
{
    private const string Name = "LoginProviders";
    private const int MaxProviders = 20;
    private const int MaxAccountPrefixBytes = 8;

    private static readonly string[] Fields =
        ["Name", "Kind", "ClientId", "ClientSecret", "HasClientSecret", "AccountPrefix", "Issuer", "Audiences", "Steps"];

    public static AppSetting Create() => AppSetting.Of(
        Name, ParleyJson.Wire.IReadOnlyListLoginProvider, app => [.. app.LoginProviders.Select(WithoutSecret)], ReadAll, Replace);

    private static LoginProvider WithoutSecret(LoginProvider provider) =>
        provider with { ClientSecret = null, HasClientSecret = provider.ClientSecret is not null };

    private static App Replace(App app, IReadOnlyList<LoginProvider> providers) =>
        app with { LoginProviders = [.. providers.Select(provider => KeepSecret(app, provider))] };

    private static LoginProvider KeepSecret(App app, LoginProvider provider) => provider.ClientSecret switch
    {
        null => provider with { ClientSecret = app.LoginProviders.FirstOrDefault(stored => stored.Name == provider.Name)?.ClientSecret },
        "" => provider with { ClientSecret = null },
        _ => provider,
    };

    private static IReadOnlyList<LoginProvider> ReadAll(FieldReader fields)
    {
        if (fields.Element(Name) is not { ValueKind: JsonValueKind.Array } array || array.GetArrayLength() > MaxProviders)
        {
            fields.Fail(ApiError.SettingInvalid.In(Name));
            return [];
        }

        var providers = new List<LoginProvider>();
        foreach (var element in array.EnumerateArray())
        {
            var own = SettingObject.TryOpen(element, Name, Fields, fields);
            if (own is null || Read(own) is not { } provider || providers.Any(other => other.Name == provider.Name))
            {
                fields.Fail((own?.Error ?? ApiError.SettingInvalid).In(Name));
                return [];
            }

            providers.Add(provider);
        }

        return providers;
    }

    // Null when something is wrong with it.
    private static LoginProvider? Read(FieldReader fields)
    {
        var name = fields.Text("Name", ApiError.SettingInvalid);
        var kind = fields.Text("Kind", ApiError.SettingInvalid);
        var provider = new LoginProvider
        {
            Name = name,
            Kind = kind == nameof(LoginProviderKind.OAuth2) ? LoginProviderKind.OAuth2 : LoginProviderKind.OpenIdConnect,
            ClientId = fields.Text("ClientId", ApiError.SettingInvalid),
            ClientSecret = fields.OptionalText("ClientSecret", ApiError.SettingInvalid),
            AccountPrefix = fields.OptionalText("AccountPrefix", ApiError.SettingInvalid) ?? $"{name[..Math.Min(name.Length, MaxAccountPrefixBytes - 1)]}-",
            Issuer = fields.OptionalText("Issuer", ApiError.SettingInvalid),
            Audiences = fields.Has("Audiences") ? fields.OptionalTexts("Audiences", ApiError.SettingInvalid) : null,
            Steps = fields.Has("Steps") ? LoginStepSetting.ReadAll(fields) : null,
        };
        return fields.Error is null && kind == provider.Kind.ToString() && IsValid(provider) ? provider : null;
    }

    private static bool IsValid(LoginProvider provider) =>
        LoginIdentity.IsProvider(provider.Name)
        && provider.ClientId.Length is > 0 and <= 256 && (provider.ClientSecret?.Length ?? 0) <= 512
        && Encoding.UTF8.GetByteCount(provider.AccountPrefix) <= MaxAccountPrefixBytes && !provider.AccountPrefix.Any(char.IsControl)
        && provider.Kind switch
        {
            LoginProviderKind.OpenIdConnect => provider.Steps is null && SettingObject.IsAddress(provider.Issuer)
                && provider.Audiences is null or { Count: <= 10 } && (provider.Audiences ?? []).All(audience => audience.Length is > 0 and <= 256),
            _ => provider.Issuer is null && provider.Audiences is null && provider.Steps is not null,
        };
}
