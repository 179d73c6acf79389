metadata name = 'SignalR'
metadata description = 'The service that holds the connections of clients, in serverless mode. It reports connections and client calls to the function app.'

@description('Name of the service.')
param name string

@description('Region.')
param location string

@description('Tags of the service.')
param tags { *: string }

@description('Tier. Free_F1 holds 20 connections; Standard_S1 and Premium_P1 hold 1,000 per unit.')
@allowed(['Free_F1', 'Standard_S1', 'Premium_P1'])
param skuName string

@description('Units; 1 for Free_F1.')
@minValue(1)
@maxValue(100)
param units int

@description('Resource id of the identity with which the service reads the upstream secret.')
param identityId string

@description('Host name of the function app, known before the app exists.')
param appHostName string

@description('Name of the vault that holds the upstream secret and receives the connection string.')
param vaultName string

@description('Name of the upstream secret in the vault.')
param upstreamSecretName string

@description('Name of the secret behind SignalR__ConnectionString.')
param connectionStringSecretName string

@description('Origins from which browsers may connect.')
param allowedOrigins string[]

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
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
    disableLocalAuth: false // The key signs client tokens, and the service signs its upstream calls with it.
    upstream: {
      templates: [
        {
          hubPattern: '*'
          categoryPattern: '*'
          eventPattern: '*'
          // The service itself puts the secret in, so that reading its settings does not reveal it.
          urlTemplate: 'https://${appHostName}/upstream/{@Microsoft.KeyVault(SecretUri=${vault::upstreamSecret.properties.secretUri})}'
          auth: { type: 'None' }
        }
      ]
    }
  }
}

resource connectionString 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: connectionStringSecretName
  properties: {
    value: service.listKeys().primaryConnectionString
    contentType: 'Written by every deployment'
  }
}
