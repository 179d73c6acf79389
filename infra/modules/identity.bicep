metadata name = 'Identity'
metadata description = 'A user-assigned identity. It exists, with its roles, before anything that runs as it.'

@description('Name of the identity.')
param name string

@description('Region.')
param location string

@description('Tags of the identity.')
param tags { *: string }

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Resource id, for the resources that run as this identity.')
output id string = identity.id

@description('Object id, by which a token names this identity. Feeds SignalR__UpstreamPrincipal.')
output principalId string = identity.properties.principalId

@description('Client id. Feeds AZURE_CLIENT_ID and AzureWebJobsStorage__clientId.')
output clientId string = identity.properties.clientId
