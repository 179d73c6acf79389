using Parley.Apps;
using Parley.Rest;

namespace Parley.Tests.Rest;

/// <summary>The vectors of the API reference, protocol §6.6.</summary>
public sealed class UserSigTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const uint AppId = 1400000123;

    private const string Plain =
        "eJwtjMsKwjAURP-lrqXc1BIl4KJQoQupVLuQ7kKThqukxiSKD-x3se3ZzZlhPtDsjslDexCQJgiLMZPSQ6SeRi2VpYFC9DJe-TwI6iKdIwWCZfiHpcup0U9HXoNY8wxxUpGsBsFWODNfkAEBt7YuXzYUh1IZd8aGxYrnHO8V*kK9TV537b6nk9HbbgPfH88RNHg_";

    private const string OfNodeSigner =
        "eJw1is0KgkAURt-lrkNmTKYYaCEouAjDchHuxDsOtxibZqboh949Uju775zvDfX2EN2VAwlxxGAxbkI1BOpp1C0aGsgH14aLmw8ez621hCB5wn7weDmVQEaB5Cs2M1n1sOQUyLVI-sqTBgnXpiqexmf7ArU9sZqHUqSC3UrmMnzptOqaXU9HrfJuA58vv5s0eA__";

    private const string WithUserBuf =
        "eJw1jssKwjAURP-lrkVSq1UDLm4FHyCitbbaXW1SvT5iSKJYxH8Xrc5iYM7MYp4Qz1bNuzTAodVk0PhmElI5KumLc3EhRdaZ3F3Nb2DFKdeaBHCvzT7yWn7dyIcmI4H3gjZjNXJ0kcC9Lvuppjcrze5WAgdEnG-TyOVpRxd*VG030b04z6tYWUSMV1mSDPeIiIvex-H-gfbAYXJc**ND0VWJXXbOWkyFOpUjGjsKg0zHwaigqC8nXlitB-B6A7SLSNI_";

    [Theory]
    [InlineData(Plain)]
    [InlineData(OfNodeSigner)]
    [InlineData(WithUserBuf)]
    public void The_published_vectors_are_valid_until_the_last_second(string text)
    {
        var sig = UserSig.Read(text).Value;

        Assert.Null(Verify(sig, at: 1700086400));
        Assert.Equal(ApiError.SigExpired, Verify(sig, at: 1700086401));
    }

    [Fact]
    public void Each_mismatch_has_its_own_code()
    {
        var sig = UserSig.Read(Plain).Value;

        Assert.Equal(ApiError.SigOfOtherAccount, Verify(sig, identifier: "admin"));
        Assert.Equal(ApiError.SigOfOtherApp, Verify(sig, app: 1400000124));
        Assert.Equal(ApiError.SigForged, Verify(sig, secret: Secret[..^1] + "0"));
    }

    [Theory]
    [InlineData("", 70002)]
    [InlineData("not a usersig", 70003)]
    [InlineData("AAAA", 70003)]
    [InlineData("eJw*", 70003)]
    [InlineData("eLsAYgBiq64FAAF1APk_", 70003)] // names a preset dictionary
    public void What_cannot_be_decoded_says_so(string text, int code) => Assert.Equal(code, UserSig.Read(text).Error?.Code);

    [Fact]
    public void A_text_that_inflates_without_end_is_refused()
    {
        using var packed = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(packed, System.IO.Compression.CompressionLevel.SmallestSize, leaveOpen: true))
        {
            zlib.Write(new byte[1_000_000]);
        }

        var text = Convert.ToBase64String(packed.ToArray()).Replace('+', '*').Replace('/', '-').Replace('=', '_');

        Assert.Equal(70003, UserSig.Read(text).Error?.Code);
    }

    [Theory]
    [InlineData("mia.k")]
    [InlineData("名字 with / # ? 100%")]
    public void What_is_signed_here_is_valid_here(string identifier)
    {
        var text = UserSig.Sign(identifier, AppId, Secret, DateTimeOffset.FromUnixTimeSeconds(1700000000), TimeSpan.FromDays(1));

        Assert.Null(Verify(UserSig.Read(text).Value, identifier: identifier));
    }

    [Fact]
    public void A_second_secret_of_the_app_is_as_good_as_the_first()
    {
        var sig = UserSig.Read(Plain).Value;

        Assert.Null(sig.Verify("administrator", AppOf(AppId, "another", Secret), DateTimeOffset.FromUnixTimeSeconds(1700000000)));
    }

    [Fact]
    public void A_blank_is_read_as_the_character_that_a_query_turns_into_one()
    {
        Assert.Null(Verify(UserSig.Read(Plain.Replace('*', ' ')).Value));
    }

    private static ApiError? Verify(
        UserSig sig, string identifier = "administrator", uint app = AppId, string secret = Secret, long at = 1700000000) =>
        sig.Verify(identifier, AppOf(app, secret), DateTimeOffset.FromUnixTimeSeconds(at));

    private static App AppOf(uint id, params string[] secrets) => new() { SdkAppId = id, Secrets = secrets, Admins = [] };
}
