using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Tests.Support;

namespace Parley.Tests.Callbacks;

/// <summary>What tests of callbacks ask of one that has come.</summary>
internal static class CallbackAssertions
{
    /// <summary>Fails unless the body has these fields and no others, and the URL says what belongs to it; a field that is null here is a time, and must be about now.</summary>
    public static void AssertIs(this CallbackLab lab, ReceivedCallback callback, string platform, object expected, string clientIp = "203.0.113.7")
    {
        var (wanted, got) = (JsonSerializer.SerializeToNode(expected)!.AsObject(), JsonNode.Parse(callback.RawBody)!.AsObject());
        foreach (var time in wanted.Where(field => field.Value is null).Select(field => field.Key).ToList())
        {
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            Assert.InRange(got[time]!.GetValue<long>(), now - 600_000, now + 1_000);
            wanted[time] = got[time]!.DeepClone();
        }

        Assert.True(JsonNode.DeepEquals(wanted, got), $"Expected {wanted.ToJsonString()}\nGot      {got.ToJsonString()}");
        Assert.Equal(($"{lab.App.SdkAppId}", callback.Command), (callback.Query["SdkAppid"], callback.Query["CallbackCommand"]));
        Assert.Equal(("json", clientIp, platform), (callback.Query["contenttype"], callback.Query.GetValueOrDefault("ClientIP", ""), callback.Query["OptPlatform"]));
        Assert.NotEmpty(callback.Query["Sign"]);
    }
}
