metadata name = 'Storage'
metadata description = 'One storage account for state (tables), work (queues) and the deployed package (a blob container). Keys are off: only identities read and write.'

@description('Name of the account: 3 to 24 lower-case letters and digits.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
param location string

@description('Tags of the account.')
param tags { *: string }

@description('Redundancy of the account.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param skuName string

var deploymentContainerName = 'deployments'
var tableNames = ['accounts', 'apps', 'deadletters', 'groups', 'history', 'logins', 'statistics', 'tasks']
var containerNames = ['exports', 'history']
var queueNames = ['parley-callback', 'parley-deliver', 'parley-task'] // The host makes each -poison queue when it first needs it.

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: skuName }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource deployments 'containers' = {
      name: deploymentContainerName
    }

    resource containers 'containers' = [
      for container in containerNames: {
        name: container
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

@description('Feeds Storage__TableEndpoint.')
output tableEndpoint string = account.properties.primaryEndpoints.table

@description('Feeds Storage__QueueEndpoint.')
output queueEndpoint string = account.properties.primaryEndpoints.queue

@description('Feeds Storage__BlobEndpoint.')
output blobEndpoint string = account.properties.primaryEndpoints.blob

@description('URL of the container that azd deploys the package to.')
output deploymentContainerUrl string = '${account.properties.primaryEndpoints.blob}${deploymentContainerName}'
