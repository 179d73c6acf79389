using System.Text;
using Parley.Callbacks;

namespace Parley.Tests.Callbacks;

public sealed class CallbackSignatureTests
{
    [Theory]
    [InlineData("xxxxyyyy", 1669872112, "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061")]
    [InlineData("xxxyyy", 1669872112, "e78a85473bed2cdc8d6fa8c4d5a4ba4735fd64156e15a99516b9890293e135de")]
    public void The_signature_of_the_query_is_the_documented_one(string token, long time, string expected) =>
        Assert.Equal(expected, CallbackSignature.OfTime(token, time));

    [Fact]
    public void The_signature_of_the_header_depends_on_token_time_and_body()
    {
        var body = Encoding.UTF8.GetBytes("""{"CallbackCommand":"State.StateChange"}""");

        var signature = CallbackSignature.OfBody("xxxxyyyy", 1669872112, body);

        // Worked out with another program: printf '1669872112.{"CallbackCommand":"State.StateChange"}' | openssl dgst -sha256 -hmac xxxxyyyy
        Assert.Equal("t=1669872112,v1=dac2efae88a8c16f42feacd219a1fcbb2784066d396757cf71a591febd2c87b4", signature);
        Assert.NotEqual(signature, CallbackSignature.OfBody("xxxxyyyz", 1669872112, body));
        Assert.NotEqual(signature, CallbackSignature.OfBody("xxxxyyyy", 1669872113, body));
        Assert.NotEqual(signature, CallbackSignature.OfBody("xxxxyyyy", 1669872112, body.AsSpan(1)));
    }
}
