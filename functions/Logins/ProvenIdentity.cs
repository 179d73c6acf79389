using Parley.Accounts;

namespace Parley.Logins;

/// <summary>What a provider has proven: who the user is there; and how to learn nickname and portrait, should they be needed.</summary>
public sealed record ProvenIdentity(string Subject, Func<CancellationToken, Task<LoginProfile>> ReadProfileAsync);

/// <summary>What a provider says of a user; what does not fit a profile is left out.</summary>
public sealed record LoginProfile
{
    public static readonly LoginProfile None = new(null, null);

    public LoginProfile(string? nick, string? faceUrl)
    {
        Nick = ImportAccountRequest.FitsProfile(nick) ? nick : null;
        FaceUrl = ImportAccountRequest.FitsProfile(faceUrl) ? faceUrl : null;
    }

    public string? Nick { get; }

    public string? FaceUrl { get; }
}
