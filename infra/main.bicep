targetScope = 'subscription'

import { Size, WorkQueue } from 'types.bicep'

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

@description('How large the deployment is; sizes/ holds what each name means. Each parameter below, unless empty, overrides one value of it.')
param size 'dev' | 'small' | 'large' = 'dev'

@description('Tier of SignalR.')
@allowed(['', 'Free_F1', 'Standard_S1', 'Premium_P1'])
param signalRSku string = ''

@description('Units of SignalR; with autoscale the least.')
param signalRUnits string = ''

@description('Most units that autoscale goes to (Premium_P1).')
param signalRMaxUnits string = ''

@description('Further regions that clients connect in, separated by commas (Premium_P1).')
param signalRReplicas string = ''

@description('Redundancy of storage.')
@allowed(['', 'Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS', 'Standard_RAGRS', 'Standard_RAGZRS'])
param storageSku string = ''

@description('Storage accounts beside the primary one.')
param storageShards string = ''

@description('Where jobs wait.')
@allowed(['', 'StorageQueue', 'ServiceBus'])
param workQueue string = ''

@description('Memory of one instance, in MB.')
@allowed(['', '512', '2048', '4096'])
param instanceMemoryMB string = ''

@description('Most instances at a time.')
param maximumInstanceCount string = ''

// Changes of one account or group that meet in one instance are committed together, so few full instances beat many idle ones.
@description('Requests that one instance takes at a time before another one is started.')
param httpConcurrency string = ''

@description('Instances kept warm for HTTP. They cost money while idle.')
param alwaysReadyInstances string = ''

@description('Whether instances are spread over availability zones.')
@allowed(['', 'true', 'false'])
param zoneRedundant string = ''

@description('Days that logs are kept.')
param logRetentionDays string = ''

@description('Address that alerts are sent to; empty for none.')
param alertEmail string = ''

@description('Whether the health endpoint is called from several places all the time. This keeps an instance busy.')
@allowed(['true', 'false'])
param availabilityTest string = 'false'

@description('Address of an OpenTelemetry collector that the app sends to; empty for none.')
param otlpEndpoint string = ''

var sizes { *: Size } = {
  dev: loadJsonContent('sizes/dev.json')
  small: loadJsonContent('sizes/small.json')
  large: loadJsonContent('sizes/large.json')
}
var named = sizes[size]
var chosen Size = {
  signalRSku: empty(signalRSku) ? named.signalRSku : signalRSku
  signalRUnits: empty(signalRUnits) ? named.signalRUnits : int(signalRUnits)
  signalRMaxUnits: empty(signalRMaxUnits) ? named.signalRMaxUnits : int(signalRMaxUnits)
  storageSku: empty(storageSku) ? named.storageSku : storageSku
  storageShards: empty(storageShards) ? named.storageShards : int(storageShards)
  workQueue: empty(workQueue) ? named.workQueue : workQueue
  instanceMemoryMB: empty(instanceMemoryMB) ? named.instanceMemoryMB : int(instanceMemoryMB)
  maximumInstanceCount: empty(maximumInstanceCount) ? named.maximumInstanceCount : int(maximumInstanceCount)
  httpConcurrency: empty(httpConcurrency) ? named.httpConcurrency : int(httpConcurrency)
  alwaysReadyInstances: empty(alwaysReadyInstances) ? named.alwaysReadyInstances : int(alwaysReadyInstances)
  zoneRedundant: empty(zoneRedundant) ? named.zoneRedundant : bool(zoneRedundant)
  logRetentionDays: empty(logRetentionDays) ? named.logRetentionDays : int(logRetentionDays)
  logDailyCapGb: named.logDailyCapGb
}
var isPremium = chosen.signalRSku == 'Premium_P1'
// Values that exclude each other stop the deployment before anything is made.
var maximumUnits = isPremium || chosen.signalRMaxUnits <= chosen.signalRUnits
  ? chosen.signalRMaxUnits
  : empty(signalRMaxUnits) ? chosen.signalRUnits : fail('SignalR scales by itself only as Premium_P1.')
var units = chosen.signalRSku != 'Free_F1' || chosen.signalRUnits == 1 ? chosen.signalRUnits : fail('Free_F1 has one unit.')
var replicaRegions = empty(signalRReplicas)
  ? []
  : isPremium ? map(split(signalRReplicas, ','), region => trim(region)) : fail('SignalR has replicas only as Premium_P1.')
var spreadsOverZones = !chosen.zoneRedundant || contains(chosen.storageSku, 'ZRS')
  ? chosen.zoneRedundant
  : fail('Instances spread over zones need storage that is, too: ZRS, GZRS or RAGZRS.')

var layout = loadJsonContent('layout.json')
var workQueues WorkQueue[] = layout.queues
var usesServiceBus = chosen.workQueue == 'ServiceBus'
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
var shardNames = map(range(1, chosen.storageShards), number => '${storageName}s${number}')
var serviceBusName = usesServiceBus ? '${abbreviations.serviceBus}${token}' : ''
var signalRName = '${abbreviations.signalR}${token}'
var actionGroupName = empty(alertEmail) ? '' : 'parley-${token}-mail'
// SignalR gets tokens of version 1.0, for a resource that is known in every tenant: nothing has to be registered.
var upstreamIssuer = 'https://sts.windows.net/${tenant().tenantId}/'
var upstreamAudience = 'https://signalr.azure.com'
var deploymentContainerName = 'deployments'
var vaultName = '${abbreviations.keyVault}${token}'
var secretNames = {
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
    retentionDays: chosen.logRetentionDays
    dailyCapGb: chosen.logDailyCapGb
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: storageName
    location: location
    tags: tags
    skuName: chosen.storageSku
    tableNames: layout.tables
    queueNames: usesServiceBus ? [] : map(workQueues, queue => queue.name)
    containerNames: union(layout.containers, [deploymentContainerName])
    allowedOrigins: origins
  }
}

module shards 'modules/storage.bicep' = [
  for name in shardNames: {
    scope: group
    params: {
      name: name
      location: location
      tags: tags
      skuName: chosen.storageSku
      tableNames: layout.shardTables
      queueNames: []
      containerNames: layout.shardContainers
      allowedOrigins: origins
    }
  }
]

module serviceBus 'modules/service-bus.bicep' = if (usesServiceBus) {
  scope: group
  params: { name: usesServiceBus ? serviceBusName : 'unused', location: location, tags: tags, queues: workQueues }
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

module signalR 'modules/signalr.bicep' = {
  scope: group
  params: {
    name: signalRName
    location: location
    tags: tags
    skuName: chosen.signalRSku
    units: units
    maximumUnits: maximumUnits
    replicaRegions: replicaRegions
    identityId: signalRIdentity.outputs.id
    appHostName: '${functionAppName}.azurewebsites.net'
    vaultName: vaultName
    upstreamAudience: upstreamAudience
    upstreamSecretName: secretNames.upstream
    allowedOrigins: origins
  }
  dependsOn: [signalRRole]
}

// Before SignalR, which reads the secret as soon as it is told of it.
module signalRRole 'modules/signalr-role.bicep' = {
  scope: group
  params: { identityName: signalRIdentityName, vaultName: vaultName, upstreamSecretName: secretNames.upstream }
  dependsOn: [signalRIdentity, vault]
}

module roles 'modules/roles.bicep' = {
  scope: group
  params: {
    appIdentityName: appIdentityName
    deployerPrincipalId: principalId
    storageName: storageName
    shardNames: shardNames
    signalRName: signalRName
    serviceBusName: serviceBusName
    vaultName: vaultName
    componentName: componentName
  }
  dependsOn: [appIdentity, storage, shards, serviceBus, signalR, vault, monitoring]
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
    shardNames: shardNames
    deploymentContainerName: deploymentContainerName
    workQueueKind: chosen.workQueue
    serviceBusHostName: serviceBus.?outputs.hostName ?? ''
    signalREndpoint: signalR.outputs.endpoint
    upstream: { issuer: upstreamIssuer, audience: upstreamAudience, principalId: signalRIdentity.outputs.principalId }
    telemetryConnectionString: monitoring.outputs.connectionString
    otlpEndpoint: otlpEndpoint
    vaultName: vaultName
    secretNames: secretNames
    bootstrapSdkAppId: bootstrapSdkAppId
    bootstrapAdmins: bootstrapAdmins
    allowedOrigins: origins
    instanceMemoryMB: chosen.instanceMemoryMB
    maximumInstanceCount: chosen.maximumInstanceCount
    httpConcurrency: chosen.httpConcurrency
    alwaysReadyInstances: chosen.alwaysReadyInstances
    zoneRedundant: spreadsOverZones
  }
  dependsOn: [roles] // An app that starts before it may do what it does would fail.
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    prefix: 'parley-${token}'
    actionGroupName: empty(actionGroupName) ? 'none' : actionGroupName
    location: location
    tags: tags
    emailAddress: alertEmail
    componentName: componentName
    storageNames: concat([storageName], shardNames)
    signalRName: signalRName
    serviceBusName: serviceBusName
  }
  dependsOn: [monitoring, storage, shards, signalR, serviceBus]
}

module availability 'modules/availability.bicep' = if (availabilityTest == 'true') {
  scope: group
  params: {
    name: 'parley-${token}-health'
    location: location
    tags: tags
    componentName: componentName
    url: 'https://${functionAppName}.azurewebsites.net/health'
    actionGroupName: actionGroupName
  }
  dependsOn: [monitoring, functionApp, alerts]
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    componentName: componentName
    storageNames: concat([storageName], shardNames)
    signalRName: signalRName
  }
  dependsOn: [monitoring]
}

@description('Region, for azd.')
output AZURE_LOCATION string = location

@description('Tenant, for azd.')
output AZURE_TENANT_ID string = tenant().tenantId

@description('Resource group of this deployment.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Name of the function app.')
output AZURE_FUNCTION_NAME string = functionApp.outputs.name

@description('Names of the storage accounts, the primary one first, separated by spaces.')
output AZURE_STORAGE_NAMES string = join(concat([storageName], shardNames), ' ')

@description('Name of the SignalR service.')
output AZURE_SIGNALR_NAME string = signalRName

@description('Name of the vault, from which to read the secret of the first app.')
output AZURE_KEY_VAULT_NAME string = vaultName

@description('Base URL of the API.')
output SERVICE_API_ENDPOINT string = functionApp.outputs.endpoint
