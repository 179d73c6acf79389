using '../../../infra/main.bicep'

// The smallest deployment, but with Service Bus.
param size = 'dev'
param environmentName = 'bus'
param location = 'westeurope'
param workQueue = 'ServiceBus'
