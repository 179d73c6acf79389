metadata name = 'SignalR'
metadata description = 'The service that holds the connections of clients, in serverless mode. It reports connections and client calls to the function app. Keys are off: only identities send.'

@description('Name of the service.')
@minLength(3)
@maxLength(63)
param name string

@description('Region.')
param location string

@description('Tags of the service.')
param tags { *: string }

@description('Tier. Free_F1 holds 20 connections; Standard_S1 and Premium_P1 hold 1,000 per unit.')
@allowed(['Free_F1', 'Standard_S1', 'Premium_P1'])
param skuName string

@description('Units, of each replica too; 1 for Free_F1.')
@minValue(1)
@maxValue(100)
param units int

@description('Most units that autoscale goes to; not more than units for no autoscale.')
@minValue(1)
@maxValue(100)
param maximumUnits int

@description('Further regions that clients connect in.')
param replicaRegions string[]

@description('Resource id of the identity with which the service reads the upstream secret and calls the app.')
param identityId string

@description('Host name of the function app, known before the app exists.')
param appHostName string

@description('For whom the tokens are that the service sends with its calls.')
param upstreamAudience string

@description('Name of the vault that holds the upstream secret.')
param vaultName string

@description('Name of the upstream secret in the vault.')
param upstreamSecretName string

@description('Origins from which browsers may connect.')
param allowedOrigins string[]

var scales = maximumUnits > units

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName

  resource upstreamSecret 'secrets' existing = {
    name: upstreamSecretName
  }
}

resource service 'Microsoft.SignalRService/signalR@2024-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'SignalR'
  sku: { name: skuName, capacity: units }
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    features: [{ flag: 'ServiceMode', value: 'Serverless' }]
    cors: { allowedOrigins: allowedOrigins }
    tls: { clientCertEnabled: false }
    disableAadAuth: false
    disableLocalAuth: true
    upstream: {
      templates: [
        {
          hubPattern: '*'
          categoryPattern: '*'
          eventPattern: '*'
          // The service itself puts the secret in, so that reading its settings does not reveal it.
          urlTemplate: 'https://${appHostName}/upstream/{@Microsoft.KeyVault(SecretUri=${vault::upstreamSecret.properties.secretUri})}'
          auth: { type: 'ManagedIdentity', managedIdentity: { resource: upstreamAudience } }
        }
      ]
    }
  }

  resource replicas 'replicas' = [
    for region in replicaRegions: {
      name: take('${name}-${region}', 63)
      location: region
      tags: tags
      sku: { name: skuName, capacity: units }
      properties: { regionEndpointEnabled: 'Enabled' }
    }
  ]
}

module autoscale 'autoscale.bicep' = if (scales) {
  params: {
    name: 'autoscale-${name}'
    location: location
    tags: tags
    targetId: service.id
    metricNamespace: 'microsoft.signalrservice/signalr'
    minimumUnits: units
    maximumUnits: maximumUnits
  }
}

module replicaAutoscale 'autoscale.bicep' = [
  for (region, i) in replicaRegions: if (scales) {
    params: {
      name: take('autoscale-${name}-${region}', 63)
      location: region
      tags: tags
      targetId: service::replicas[i].id
      metricNamespace: 'microsoft.signalrservice/signalr/replicas'
      minimumUnits: units
      maximumUnits: maximumUnits
    }
  }
]

@description('Feeds SignalR__Endpoint. Replicas share it: names resolve to the nearest one that is well.')
output endpoint string = 'https://${service.properties.hostName}'
