metadata name = 'Function app'
metadata description = 'The handler on Flex Consumption, as a custom handler. All its settings are in this file.'

@description('Name of the plan.')
param planName string

@description('Name of the app, and first label of its host name.')
param name string

@description('Region.')
param location string

@description('Tags of plan and app.')
param tags { *: string }

@description('Resource id of the identity the app runs as.')
param identityId string

@description('Client id of the same identity.')
param identityClientId string

@description('Name of the storage account.')
param storageName string

@description('Table endpoint of the storage account.')
param tableEndpoint string

@description('Queue endpoint of the storage account.')
param queueEndpoint string

@description('Blob endpoint of the storage account.')
param blobEndpoint string

@description('URL of the container that the package is deployed to.')
param deploymentContainerUrl string

@description('Connection string of Application Insights.')
param telemetryConnectionString string

@description('Name of the vault that holds the secrets.')
param vaultName string

@description('Names of the secrets in the vault, by what they are for.')
param secretNames { signalRConnectionString: string, upstream: string, bootstrap: string }

@description('SDKAppID of the app made at the first start.')
param bootstrapSdkAppId string

@description('Administrators of that app, separated by commas.')
param bootstrapAdmins string

@description('Origins from which browsers may call the API.')
param allowedOrigins string[]

@description('Memory of one instance, in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int

@description('Most instances at a time. The platform documents 40 as the least.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int

@description('Requests that one instance takes at a time before another one is started.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int

@description('Instances kept warm for HTTP. They cost money while idle.')
@minValue(0)
param alwaysReadyInstances int

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource site 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'custom', version: '1.0' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        triggers: { http: { perInstanceConcurrency: httpConcurrency } }
        alwaysReady: alwaysReadyInstances > 0 ? [{ name: 'http', instanceCount: alwaysReadyInstances }] : []
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      cors: { allowedOrigins: allowedOrigins, supportCredentials: false }
      appSettings: [
        { name: 'AzureWebJobsStorage__accountName', value: storageName }
        { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
        { name: 'AzureWebJobsStorage__clientId', value: identityClientId }
        { name: 'AZURE_CLIENT_ID', value: identityClientId }
        { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: telemetryConnectionString }
        { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'ClientId=${identityClientId};Authorization=AAD' }
        { name: 'Storage__TableEndpoint', value: tableEndpoint }
        { name: 'Storage__QueueEndpoint', value: queueEndpoint }
        { name: 'Storage__BlobEndpoint', value: blobEndpoint }
        { name: 'SignalR__ConnectionString', value: fromVault(vaultName, secretNames.signalRConnectionString) }
        { name: 'SignalR__UpstreamSecret', value: fromVault(vaultName, secretNames.upstream) }
        { name: 'Bootstrap__SdkAppId', value: bootstrapSdkAppId }
        { name: 'Bootstrap__Secret', value: fromVault(vaultName, secretNames.bootstrap) }
        { name: 'Bootstrap__Admins', value: bootstrapAdmins }
      ]
    }
  }
}

@description('An app setting that the platform fills from the vault.')
func fromVault(vault string, secret string) string => '@Microsoft.KeyVault(VaultName=${vault};SecretName=${secret})'

@description('Name of the app.')
output name string = site.name

@description('Base URL of the API.')
output endpoint string = 'https://${site.properties.defaultHostName}'
