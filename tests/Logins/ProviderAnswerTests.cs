using Parley.Logins;

namespace Parley.Tests.Logins;

public sealed class ProviderAnswerTests
{
    [Theory]
    [InlineData("""{"openid":"x"}""", "openid", "x")]
    [InlineData("""  {"uid":1234567890123456789}  """, "uid", "1234567890123456789")]
    [InlineData("""{"data":{"user":{"id":"x"}}}""", "data.user.id", "x")]
    [InlineData("""callback( {"client_id":"c","openid":"x (y)"} );""", "openid", "x (y)")]
    [InlineData("callback({\"openid\":\"x\"})", "openid", "x")]
    [InlineData("access_token=a%2Bb&expires_in=7776000", "access_token", "a+b")]
    [InlineData("access_token=a", "access_token", "a")]
    public void A_field_is_found_in_every_form(string text, string path, string value) => Assert.Equal(value, ProviderAnswer.Parse(text).Find(path));

    [Theory]
    [InlineData("", "openid")]
    [InlineData("{", "openid")]
    [InlineData("""{"openid":""}""", "openid")]
    [InlineData("""{"openid":null}""", "openid")]
    [InlineData("""{"openid":{"a":1}}""", "openid")]
    [InlineData("""{"openid":["x"]}""", "openid")]
    [InlineData("""{"openid":true}""", "openid")]
    [InlineData("""{"data":"x"}""", "data.openid")]
    [InlineData("""["openid"]""", "openid")]
    [InlineData("""callback( {"error":100016} );""", "openid")]
    [InlineData("callback(openid=x);", "openid")]
    [InlineData("openid=", "openid")]
    [InlineData("<html>openid</html>", "openid")]
    public void What_is_not_there_is_not_found(string text, string path) => Assert.Null(ProviderAnswer.Parse(text).Find(path));
}
