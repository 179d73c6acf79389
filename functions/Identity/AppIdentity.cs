using Azure.Core;
using Azure.Identity;

namespace Parley.Identity;

/// <summary>Who the app is towards storage, SignalR and Service Bus where no connection string is set: one credential for all, and so one store of tokens.</summary>
/// <remarks>
/// Made at first use, and it asks for nothing before a token is needed: a start costs no call. A managed identity is asked directly where the
/// environment has one; the long chain of <see cref="DefaultAzureCredential"/> (environment, workload, developer's tools) is for everywhere else.
/// </remarks>
public sealed class AppIdentity
{
    /// <summary>Each says by itself which credential is meant, so they win over a client id alone.</summary>
    private static readonly string[] OtherCredentials = ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"];

    private readonly Lazy<TokenCredential> _credential;

    public AppIdentity(IConfiguration configuration) => _credential = new(() => new TracedCredential(Create(configuration)));

    /// <summary>For a credential of one's own.</summary>
    public AppIdentity(TokenCredential credential) => _credential = new(new TracedCredential(credential));

    public TokenCredential Credential => _credential.Value;

    internal static TokenCredential Create(IConfiguration configuration)
    {
        var clientId = configuration["AZURE_CLIENT_ID"];
        var isManaged = !string.IsNullOrEmpty(configuration["IDENTITY_ENDPOINT"])
            || (!string.IsNullOrEmpty(clientId) && OtherCredentials.All(name => string.IsNullOrEmpty(configuration[name])));
        return !isManaged ? new DefaultAzureCredential()
            : new ManagedIdentityCredential(string.IsNullOrEmpty(clientId) ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(clientId));
    }
}
