metadata name = 'Storage'
metadata description = 'One storage account: tables, queues and blob containers. Keys are off: only identities read and write.'

import { StorageSku } from '../types.bicep'

@description('Name of the account: 3 to 24 lower-case letters and digits.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
param location string

@description('Tags of the account.')
param tags { *: string }

@description('Redundancy of the account.')
param skuName StorageSku

@description('Tables to make.')
param tableNames string[]

@description('Queues to make. The host makes each -poison queue when it first needs it.')
param queueNames string[]

@description('Private blob containers to make.')
param containerNames string[]

@description('Origins from which browsers may read and write blobs for which they were given a signed address.')
param allowedOrigins string[]

resource account 'Microsoft.Storage/storageAccounts@2026-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: skuName }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      // A container that was deleted by mistake can be had back. Blobs cannot: what the app deletes is gone.
      containerDeleteRetentionPolicy: { enabled: true, days: 7 }
      cors: {
        corsRules: [
          {
            allowedOrigins: allowedOrigins
            allowedMethods: ['GET', 'HEAD', 'PUT']
            allowedHeaders: ['*']
            exposedHeaders: ['*']
            maxAgeInSeconds: 3600
          }
        ]
      }
    }

    resource containers 'containers' = [
      for container in containerNames: {
        name: container
        properties: { publicAccess: 'None' }
      }
    ]
  }

  resource tableService 'tableServices' = {
    name: 'default'

    resource tables 'tables' = [
      for table in tableNames: {
        name: table
      }
    ]
  }

  resource queueService 'queueServices' = {
    name: 'default'

    resource queues 'queues' = [
      for queue in queueNames: {
        name: queue
      }
    ]
  }
}
