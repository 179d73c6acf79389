metadata name = 'Workbook'
metadata description = 'Charts of what the app counts and of the services under it: ../workbook.json, with the ids of this deployment put in.'

@description('Region.')
param location string

@description('Tags of the workbook.')
param tags { *: string }

@description('Name of the Application Insights component.')
param componentName string

@description('Names of the storage accounts.')
param storageNames string[]

@description('Name of the SignalR service.')
param signalRName string

var storageIds = map(storageNames, name => '"${resourceId('Microsoft.Storage/storageAccounts', name)}"')
var signalRId = resourceId('Microsoft.SignalRService/signalR', signalRName)
var template = loadTextContent('../workbook.json')
var ofStorage = replace(template, '"$storage"', join(storageIds, ','))
var ofSignalR = replace(ofStorage, '$signalr', signalRId)

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(component.id, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Parley'
    category: 'workbook'
    version: '1.0'
    sourceId: component.id
    serializedData: replace(ofSignalR, '$component', component.id)
  }
}
