metadata name = 'Role assignments'
metadata description = 'What the app and whoever deploys may do. Only signalr-role.bicep grants access besides.'

@description('Name of the identity the app runs as.')
param appIdentityName string

@description('Principal of the person or pipeline that deploys; empty for none. It may read and set the secrets.')
param deployerPrincipalId string

@description('Name of the primary storage account.')
param storageName string

@description('Names of the further storage accounts.')
param shardNames string[]

@description('Name of the SignalR service.')
param signalRName string

@description('Name of the Service Bus namespace; empty for none.')
param serviceBusName string

@description('Name of the key vault.')
param vaultName string

@description('Name of the Application Insights component.')
param componentName string

var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // The host keeps leases and keys in blobs; the package lies there too.
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var queueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Covers making the -poison queues.
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var serviceBusDataSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
var serviceBusDataReceiver = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
var signalRServiceOwner = '7e4f1700-ea5a-4f59-8f37-079cfe29dce3' // REST calls, and keys to sign tokens of clients with. REST API Owner has not the latter.
var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'
var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var keyVaultSecretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
var storageRoles = [blobDataOwner, queueDataContributor, tableDataContributor]
var serviceBusRoles = empty(serviceBusName) ? [] : [serviceBusDataSender, serviceBusDataReceiver]

resource appIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: appIdentityName
}

resource storage 'Microsoft.Storage/storageAccounts@2026-04-01' existing = {
  name: storageName
}

resource shards 'Microsoft.Storage/storageAccounts@2026-04-01' existing = [
  for name in shardNames: {
    name: name
  }
]

resource signalR 'Microsoft.SignalRService/signalR@2024-03-01' existing = {
  name: signalRName
}

resource serviceBus 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = if (!empty(serviceBusName)) {
  name: empty(serviceBusName) ? 'none' : serviceBusName
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

resource appOnStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in storageRoles: {
    name: guid(storage.id, appIdentity.id, role)
    scope: storage
    properties: {
      principalId: appIdentity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource appOnShardTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (name, i) in shardNames: {
    name: guid(shards[i].id, appIdentity.id, tableDataContributor)
    scope: shards[i]
    properties: {
      principalId: appIdentity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableDataContributor)
    }
  }
]

resource appOnShardBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (name, i) in shardNames: {
    name: guid(shards[i].id, appIdentity.id, blobDataContributor)
    scope: shards[i]
    properties: {
      principalId: appIdentity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
    }
  }
]

resource appOnSignalR 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(signalR.id, appIdentity.id, signalRServiceOwner)
  scope: signalR
  properties: {
    principalId: appIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', signalRServiceOwner)
  }
}

resource appOnServiceBus 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in serviceBusRoles: {
    name: guid(serviceBus.id, appIdentity.id, role)
    scope: serviceBus
    properties: {
      principalId: appIdentity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource appOnTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(component.id, appIdentity.id, monitoringMetricsPublisher)
  scope: component
  properties: {
    principalId: appIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
  }
}

resource appOnSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, appIdentity.id, keyVaultSecretsUser)
  scope: vault
  properties: {
    principalId: appIdentity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
  }
}

// No principalType: the deployer may be a user or a service principal, and exists long enough to be found.
resource deployerOnSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerPrincipalId)) {
  name: guid(vault.id, deployerPrincipalId, keyVaultSecretsOfficer)
  scope: vault
  properties: {
    principalId: deployerPrincipalId
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsOfficer)
  }
}
