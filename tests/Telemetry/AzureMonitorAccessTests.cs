using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Parley.Telemetry;

namespace Parley.Tests.Telemetry;

public sealed class AzureMonitorAccessTests
{
    [Fact]
    public void Without_a_connection_string_nothing_is_sent() =>
        Assert.Null(AzureMonitorAccess.Read(new ConfigurationBuilder().Build()));

    [Theory]
    [InlineData("Authorization=AAD")]
    [InlineData("ClientId=2f6c9d1e-7a0b-4c58-9a3e-000000000001;Authorization=AAD")]
    [InlineData(" authorization = aad ; clientid = 2f6c9d1e-7a0b-4c58-9a3e-000000000001 ")]
    public void The_string_of_the_Functions_host_names_a_managed_identity(string authentication) =>
        Assert.IsType<ManagedIdentityCredential>(AzureMonitorAccess.Credential(authentication));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_it_telemetry_is_sent_without_identity(string? authentication) => Assert.Null(AzureMonitorAccess.Credential(authentication));

    [Theory]
    [InlineData("Authorization=Key")]
    [InlineData("nonsense")]
    public void Any_other_string_stops_the_start_with_the_name_of_the_setting(string authentication)
    {
        var refused = Assert.Throws<InvalidOperationException>(() => AzureMonitorAccess.Credential(authentication));

        Assert.Contains("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", refused.Message, StringComparison.Ordinal);
    }
}
