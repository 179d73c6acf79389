using System.Text.Json.Serialization;

namespace Parley.Apps;

/// <summary>Someone else who knows an app's users, and how to ask for them. A mapping of identities to accounts hangs on the name.</summary>
public sealed record LoginProvider
{
    public required string Name { get; init; }

    public required LoginProviderKind Kind { get; init; }

    /// <summary>What the provider calls the app.</summary>
    public required string ClientId { get; init; }

    /// <summary>Null where the provider has given none.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>Only in answers, which do not have the secret itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HasClientSecret { get; init; }

    /// <summary>What the names of accounts made for its users begin with.</summary>
    public required string AccountPrefix { get; init; }

    /// <summary>OpenID Connect: the issuer, exactly as its discovery document spells it.</summary>
    public string? Issuer { get; init; }

    /// <summary>OpenID Connect: further audiences of id_tokens that are accepted, beside the client id.</summary>
    public IReadOnlyList<string>? Audiences { get; init; }

    /// <summary>OAuth 2: the requests that lead from a code to the user, in order.</summary>
    public IReadOnlyList<LoginStep>? Steps { get; init; }
}

public enum LoginProviderKind
{
    OpenIdConnect,
    OAuth2,
}

/// <summary>One request to an OAuth 2 provider.</summary>
public sealed record LoginStep
{
    public const string Get = "GET";
    public const string Post = "POST";

    /// <summary>GET has the parameters in the query, POST as a form.</summary>
    public required string Method { get; init; }

    public required string Url { get; init; }

    /// <summary>Texts with placeholders such as <c>{code}</c>; one whose placeholder has no value is left out.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }

    /// <summary>Value to keep → field of the answer; a dot leads into an object.</summary>
    public required IReadOnlyDictionary<string, string> Read { get; init; }

    /// <summary>Whether <c>{access_token}</c> is sent as a bearer token.</summary>
    public bool SendsBearer { get; init; }

    /// <summary>A step for nickname and portrait: made for a first login only, and a failure does no harm.</summary>
    public bool IsOptional { get; init; }
}
