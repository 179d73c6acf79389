metadata name = 'Key vault'
metadata description = 'Holds the secrets of the deployment. Those that nobody chooses are made at random by the first deployment and left alone by every later one.'

@description('Name of the vault: 3 to 24 letters, digits and hyphens.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
param location string

@description('Tags of the vault.')
param tags { *: string }

@description('Name of the secret behind SignalR__UpstreamSecret.')
param upstreamSecretName string

@description('Name of the secret behind Bootstrap__Secret.')
param bootstrapSecretName string

@secure()
@description('Value for the upstream secret if it does not exist yet. Leave it out.')
param newUpstreamSecret string = replace('${newGuid()}${newGuid()}', '-', '')

@secure()
@description('Value for the secret of the first app if it does not exist yet. Leave it out.')
param newBootstrapSecret string = replace('${newGuid()}${newGuid()}', '-', '')

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
  }
}

@onlyIfNotExists()
resource upstreamSecret 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = {
  parent: vault
  name: upstreamSecretName
  properties: {
    value: newUpstreamSecret
    contentType: 'The last path segment of the URL that SignalR calls'
  }
}

@onlyIfNotExists()
resource bootstrapSecret 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = {
  parent: vault
  name: bootstrapSecretName
  properties: {
    value: newBootstrapSecret
    contentType: 'UserSig secret of the first app'
  }
}
