metadata name = 'Role of SignalR'
metadata description = 'The SignalR service may read the upstream secret and nothing else.'

@description('Name of the identity of the SignalR service.')
param identityName string

@description('Name of the key vault.')
param vaultName string

@description('Name of the upstream secret in the vault.')
param upstreamSecretName string

var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource signalRIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName

  resource upstreamSecret 'secrets' existing = {
    name: upstreamSecretName
  }
}

resource signalROnUpstreamSecret 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault::upstreamSecret.id, signalRIdentity.id, keyVaultSecretsUser)
  scope: vault::upstreamSecret
  properties: {
    principalId: signalRIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
  }
}
