using System.Text.Json;
using Parley.Apps;

namespace Parley.Rest;

/// <summary>A UserSig: the proof, signed for an app, that its bearer is an account. There are two versions of it, with the same packing.</summary>
/// <remarks>
/// Units: time is Unix seconds, expire a duration in seconds; valid while now ≤ time + expire.
/// Source: API reference, protocol §6 and §7.
/// </remarks>
public abstract record UserSig(string Identifier, uint SdkAppId, long Time, long Expire)
{
    /// <summary>Makes the UserSig of an account, of version 2.</summary>
    public static string Sign(string identifier, uint sdkAppId, string secret, DateTimeOffset time, TimeSpan validity) =>
        UserSigV2.Sign(identifier, sdkAppId, secret, time.ToUnixTimeSeconds(), (long)validity.TotalSeconds);

    /// <summary>Decodes the text of a UserSig without checking its signature.</summary>
    /// <returns>70002 for an empty text, 70003 for one that cannot be decoded.</returns>
    public static Result<UserSig> Read(string text)
    {
        if (text.Length == 0)
        {
            return ApiError.SigEmpty;
        }

        try
        {
            return UserSigText.Unpack(text) is { } json && FromJson(json) is { } sig ? sig : ApiError.SigUnreadable;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return ApiError.SigUnreadable;
        }
    }

    /// <summary>Checks app, account, time and signature, in the order of the reference verifier.</summary>
    /// <param name="identifier">The account that the request names.</param>
    /// <param name="app">The app that the request names.</param>
    /// <param name="now">The time of the request.</param>
    /// <returns>Null when valid; else 70014, 70013, 70001, 70016 or 70009.</returns>
    public ApiError? Verify(string identifier, App app, DateTimeOffset now)
    {
        if (SdkAppId != app.SdkAppId)
        {
            return ApiError.SigOfOtherApp;
        }

        if (Identifier != identifier)
        {
            return ApiError.SigOfOtherAccount;
        }

        // As a difference: a forged expire may be as large as a long.
        return now.ToUnixTimeSeconds() - Time > Expire ? ApiError.SigExpired : VerifySignature(app);
    }

    /// <summary>Checks the signature with what the app has for this version.</summary>
    /// <returns>Null when it is genuine.</returns>
    protected abstract ApiError? VerifySignature(App app);

    private static UserSig? FromJson(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return root.ValueKind != JsonValueKind.Object ? null : UserSigText.Field(root, "TLS.ver") switch
        {
            "2.0" => UserSigV2.FromJson(root),
            null => UserSigV1.FromJson(root),
            _ => null,
        };
    }
}
