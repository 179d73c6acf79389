targetScope = 'subscription'

metadata name = 'Parley'
metadata description = 'Everything that one deployment of Parley needs, in a resource group of its own.'

@description('Name of the azd environment. Names of resources derive from it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('Region of all resources. It must offer Flex Consumption.')
@metadata({ azd: { type: 'location' } })
param location string

@description('Principal that deploys, given by azd; may read and set the secrets. Empty for none.')
param principalId string = ''

@description('SDKAppID of the app made at the first start.')
param bootstrapSdkAppId string = '1400000001'

@description('Administrators of that app, separated by commas.')
param bootstrapAdmins string = 'administrator'

@description('Origins from which browsers may call the API and connect, separated by commas; * for any.')
param allowedOrigins string = '*'

@description('Tier of SignalR. Free_F1 holds 20 connections and is for trying things out.')
@allowed(['Free_F1', 'Standard_S1', 'Premium_P1'])
param signalRSku string = 'Free_F1'

@description('Units of SignalR; 1 for Free_F1.')
@minValue(1)
@maxValue(100)
param signalRUnits int = 1

@description('Redundancy of storage.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = 'Standard_LRS'

@description('Memory of one instance, in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Most instances at a time.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 100

// Changes of one account or group that meet in one instance are committed together, so few full instances beat many idle ones.
@description('Requests that one instance takes at a time before another one is started.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 100

@description('Instances kept warm for HTTP. They cost money while idle.')
@minValue(0)
param alwaysReadyInstances int = 0

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

var abbreviations = loadJsonContent('abbreviations.json')
var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var origins = map(split(allowedOrigins, ','), origin => trim(origin))

// Names are made here, not handed on as outputs of modules, so that a preview (what-if) can see through all of it.
var functionAppName = '${abbreviations.functionApp}${token}'
var appIdentityName = '${abbreviations.identity}api-${token}'
var signalRIdentityName = '${abbreviations.identity}signalr-${token}'
var componentName = '${abbreviations.appInsights}${token}'
var storageName = '${abbreviations.storage}${token}'
var vaultName = '${abbreviations.keyVault}${token}'
var secretNames = {
  signalRConnectionString: 'signalr-connection-string'
  upstream: 'upstream-secret'
  bootstrap: 'bootstrap-secret'
}

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: '${abbreviations.resourceGroup}${environmentName}'
  location: location
  tags: tags
}

module appIdentity 'modules/identity.bicep' = {
  scope: group
  params: { name: appIdentityName, location: location, tags: tags }
}

module signalRIdentity 'modules/identity.bicep' = {
  scope: group
  params: { name: signalRIdentityName, location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    workspaceName: '${abbreviations.logWorkspace}${token}'
    componentName: componentName
    location: location
    tags: tags
    retentionDays: logRetentionDays
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: { name: storageName, location: location, tags: tags, skuName: storageSku }
}

module vault 'modules/vault.bicep' = {
  scope: group
  params: {
    name: vaultName
    location: location
    tags: tags
    upstreamSecretName: secretNames.upstream
    bootstrapSecretName: secretNames.bootstrap
  }
}

module roles 'modules/roles.bicep' = {
  scope: group
  params: {
    appIdentityName: appIdentityName
    signalRIdentityName: signalRIdentityName
    deployerPrincipalId: principalId
    storageName: storageName
    vaultName: vaultName
    upstreamSecretName: secretNames.upstream
    componentName: componentName
  }
  dependsOn: [appIdentity, signalRIdentity, storage, vault, monitoring]
}

module signalR 'modules/signalr.bicep' = {
  scope: group
  params: {
    name: '${abbreviations.signalR}${token}'
    location: location
    tags: tags
    skuName: signalRSku
    units: signalRUnits
    identityId: signalRIdentity.outputs.id
    appHostName: '${functionAppName}.azurewebsites.net'
    vaultName: vaultName
    upstreamSecretName: secretNames.upstream
    connectionStringSecretName: secretNames.signalRConnectionString
    allowedOrigins: origins
  }
  dependsOn: [roles]
}

module functionApp 'modules/function-app.bicep' = {
  scope: group
  params: {
    planName: '${abbreviations.plan}${token}'
    name: functionAppName
    location: location
    tags: tags
    identityId: appIdentity.outputs.id
    identityClientId: appIdentity.outputs.clientId
    storageName: storageName
    tableEndpoint: storage.outputs.tableEndpoint
    queueEndpoint: storage.outputs.queueEndpoint
    blobEndpoint: storage.outputs.blobEndpoint
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    telemetryConnectionString: monitoring.outputs.connectionString
    vaultName: vaultName
    secretNames: secretNames
    bootstrapSdkAppId: bootstrapSdkAppId
    bootstrapAdmins: bootstrapAdmins
    allowedOrigins: origins
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    httpConcurrency: httpConcurrency
    alwaysReadyInstances: alwaysReadyInstances
  }
  dependsOn: [roles, signalR] // SignalR writes the secret that the app reads.
}

@description('Region, for azd.')
output AZURE_LOCATION string = location

@description('Tenant, for azd.')
output AZURE_TENANT_ID string = tenant().tenantId

@description('Resource group of this deployment.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Name of the function app.')
output AZURE_FUNCTION_NAME string = functionApp.outputs.name

@description('Name of the vault, from which to read the secret of the first app.')
output AZURE_KEY_VAULT_NAME string = vaultName

@description('Base URL of the API.')
output SERVICE_API_ENDPOINT string = functionApp.outputs.endpoint
