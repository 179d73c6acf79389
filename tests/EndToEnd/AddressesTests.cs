using System.Text.Json;
using Parley.Tests.Support;

namespace Parley.Tests.EndToEnd;

public sealed class AddressesTests(LocalEnvironmentFixture fixture)
{
    public static TheoryData<string> BadSettings =>
    [
        """{"Addresses":null}""",
        """{"Addresses":["192.0.2.17"]}""",
        """{"Addresses":{"0":["192.0.2.17"]}}""",
        """{"Addresses":{"7":["192.0.2.17"]}}""",
        """{"Addresses":{"1":"192.0.2.17"}}""",
        """{"Addresses":{"1":[17]}}""",
        """{"Addresses":{"1":[""]}}""",
        """{"Addresses":{"1":["17"]}}""",
        """{"Addresses":{"1":["192.0.2"]}}""",
        """{"Addresses":{"1":["192.0.2.017"]}}""",
        """{"Addresses":{"1":["192.0.2.256"]}}""",
        """{"Addresses":{"1":["example.org"]}}""",
        """{"Addresses":{"1":["198.51.100.0/33"]}}""",
        """{"Addresses":{"1":["198.51.100.1/25"]}}""",
        """{"Addresses":{"1":["fe80::1%eth0"]}}""",
        """{"Addresses":{"1":["192.0.2.17","192.0.2.17"]}}""",
    ];

    [Fact]
    public async Task What_the_operator_states_is_answered_by_kind_or_as_a_whole()
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        Assert.Empty(await ListAsync(api));

        await api.CallOkAsync(
            "openconfigsvr", "set_app_settings", """{"Addresses":{"2":["192.0.2.17","198.51.100.0/25"],"6":["198.51.100.0/25","2001:db8::/48","2001:db8::1"]}}""");

        Assert.Equal(["192.0.2.17", "198.51.100.0/25", "2001:db8::/48", "2001:db8::1"], await ListAsync(api));
        Assert.Equal(["192.0.2.17", "198.51.100.0/25", "2001:db8::/48", "2001:db8::1"], await ListAsync(api, "0"));
        Assert.Equal(["192.0.2.17", "198.51.100.0/25"], await ListAsync(api, "2"));
        Assert.Equal(["198.51.100.0/25", "2001:db8::/48", "2001:db8::1"], await ListAsync(api, "6"));
        Assert.Empty(await ListAsync(api, "1"));

        await api.CallOkAsync("openconfigsvr", "set_app_settings", """{"Addresses":{}}""");
        Assert.Empty(await ListAsync(api));
    }

    [Theory]
    [MemberData(nameof(BadSettings))]
    public async Task What_is_no_address_is_not_taken(string bad)
    {
        var environment = await fixture.StartedAsync();
        using var api = await environment.AddAppAsync();
        await api.CallOkAsync("openconfigsvr", "set_app_settings", """{"Addresses":{"3":["192.0.2.1"]}}""");

        Assert.Equal(70402, Code(await api.CallAsync("openconfigsvr", "set_app_settings", bad)));

        Assert.Equal(["192.0.2.1"], await ListAsync(api));
    }

    [Theory]
    [InlineData("7")]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("01")]
    public async Task Another_kind_is_refused(string kind)
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(60002, Code(await environment.Api.PostAsync($"{environment.Api.CommandPath("ConfigSvc", "GetIPList")}&nettype={kind}", "{}")));
    }

    [Fact]
    public async Task Accounts_and_bodies_that_are_no_JSON_are_refused()
    {
        var environment = await fixture.StartedAsync();

        Assert.Equal(60010, Code(await environment.Api.CallAsync("ConfigSvc", "GetIPList", "{}", identifier: "alice")));
        Assert.Equal(60003, Code(await environment.Api.CallAsync("ConfigSvc", "GetIPList", "not json")));
    }

    private static async Task<IEnumerable<string?>> ListAsync(ApiClient api, string? kind = null)
    {
        var path = api.CommandPath("ConfigSvc", "GetIPList") + (kind is null ? "" : $"&nettype={kind}");
        var answer = await api.PostAsync(path, "{}");
        Assert.Equal((0, "OK"), (Code(answer), answer.GetProperty("ActionStatus").GetString()));
        return answer.GetProperty("IPList").EnumerateArray().Select(address => address.GetString());
    }

    private static int Code(JsonElement answer) => answer.GetProperty("ErrorCode").GetInt32();
}
