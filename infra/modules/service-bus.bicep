metadata name = 'Service Bus'
metadata description = 'A namespace with the work queues. Keys are off: only identities send and receive.'

import { WorkQueue } from '../types.bicep'

@description('Name of the namespace, and first label of its host name.')
@minLength(6)
@maxLength(50)
param name string

@description('Region.')
param location string

@description('Tags of the namespace.')
param tags { *: string }

@description('Queues to make.')
param queues WorkQueue[]

// Standard: Basic has neither sessions nor duplicate detection.
resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Standard', tier: 'Standard' }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
  }
}

resource workQueues 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = [
  for queue in queues: {
    parent: namespace
    name: queue.name
    properties: {
      // The host renews the lock while a job runs; when its instance dies, another one has the job after a minute.
      lockDuration: 'PT1M'
      // As many as maxDequeueCount in host.json. At the last one the app notes a dead letter itself; this is for jobs that kill their instance.
      maxDeliveryCount: 5
      requiresSession: queue.sessions
      // A send whose outcome is unknown is repeated under the same MessageId.
      requiresDuplicateDetection: true
      duplicateDetectionHistoryTimeWindow: 'PT10M'
      defaultMessageTimeToLive: 'P14D'
      deadLetteringOnMessageExpiration: true
    }
  }
]

@description('Host name. Feeds ServiceBus__Namespace and ServiceBus__fullyQualifiedNamespace.')
output hostName string = parseUri(namespace.properties.serviceBusEndpoint).host
