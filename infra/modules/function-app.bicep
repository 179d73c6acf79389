metadata name = 'Function app'
metadata description = 'The handler on Flex Consumption, as a custom handler. All its settings are in this file.'

import { WorkQueueKind } from '../types.bicep'

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

@description('Name of the primary storage account.')
param storageName string

@description('Names of the further storage accounts.')
param shardNames string[]

@description('Container of the primary account that the package is deployed to.')
param deploymentContainerName string

@description('Where jobs wait.')
param workQueueKind WorkQueueKind

@description('Host name of the Service Bus namespace; empty for none.')
param serviceBusHostName string

@description('Endpoint of SignalR.')
param signalREndpoint string

@description('What the tokens of SignalR\'s calls must say.')
param upstream { issuer: string, audience: string, principalId: string }

@description('Connection string of Application Insights.')
param telemetryConnectionString string

@description('Address of an OpenTelemetry collector that traces, metrics and logs go to as well, by HTTP; empty for none.')
param otlpEndpoint string

@description('Name of the vault that holds the secrets.')
param vaultName string

@description('Names of the secrets in the vault, by what they are for.')
param secretNames { upstream: string, bootstrap: string }

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

@description('Whether instances are spread over availability zones.')
param zoneRedundant bool

var primary = endpointsOf(storageName)
var usesServiceBus = workQueueKind == 'ServiceBus'

// Resource Manager replaces app settings as a whole, so all of them are in this list.
var appSettings = {
  AzureWebJobsStorage__accountName: storageName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AZURE_CLIENT_ID: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: telemetryConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  Storage__TableEndpoint: primary.table
  Storage__QueueEndpoint: primary.queue
  Storage__BlobEndpoint: primary.blob
  SignalR__Endpoint: signalREndpoint
  SignalR__UpstreamIssuer: upstream.issuer
  SignalR__UpstreamAudience: upstream.audience
  SignalR__UpstreamPrincipal: upstream.principalId
  SignalR__UpstreamSecret: fromVault(vaultName, secretNames.upstream)
  WorkQueue__Kind: workQueueKind
  Bootstrap__SdkAppId: bootstrapSdkAppId
  Bootstrap__Secret: fromVault(vaultName, secretNames.bootstrap)
  Bootstrap__Admins: bootstrapAdmins
}
var shardSettings = toObject(range(0, length(shardNames)), i => 'Storage__Shards__${i}__TableEndpoint', i => endpointsOf(shardNames[i]).table)
// Namespace is read by the app, the others by the host: the triggers' connection is called ServiceBus.
var serviceBusSettings = {
  ServiceBus__Namespace: serviceBusHostName
  ServiceBus__fullyQualifiedNamespace: serviceBusHostName
  ServiceBus__credential: 'managedidentity'
  ServiceBus__clientId: identityClientId
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true, zoneRedundant: zoneRedundant }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identityId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${primary.blob}${deploymentContainerName}'
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
      scmMinTlsVersion: '1.2'
      cors: { allowedOrigins: allowedOrigins, supportCredentials: false }
      appSettings: map(
        items(union(
          appSettings,
          shardSettings,
          usesServiceBus ? serviceBusSettings : {},
          empty(otlpEndpoint) ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }
        )),
        setting => { name: setting.key, value: setting.value }
      )
    }
  }

  // Deployments come with an Entra token; user name and password of the publishing profile are not needed.
  resource ftpByPassword 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource publishingByPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

@description('An app setting that the platform fills from the vault.')
func fromVault(vault string, secret string) string => '@Microsoft.KeyVault(VaultName=${vault};SecretName=${secret})'

@description('The endpoints of a storage account, which follow from its name.')
func endpointsOf(account string) { table: string, queue: string, blob: string } => {
  table: 'https://${account}.table.${environment().suffixes.storage}/'
  queue: 'https://${account}.queue.${environment().suffixes.storage}/'
  blob: 'https://${account}.blob.${environment().suffixes.storage}/'
}

@description('Name of the app.')
output name string = site.name

@description('Base URL of the API.')
output endpoint string = 'https://${site.properties.defaultHostName}'
