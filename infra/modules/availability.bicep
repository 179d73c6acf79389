metadata name = 'Availability test'
metadata description = 'Calls the health endpoint from several places every five minutes, and raises an alert when two of them fail. Flex Consumption has no health check of its own.'

@description('Name of the test.')
param name string

@description('Region.')
param location string

@description('Tags of test and rule.')
param tags { *: string }

@description('Name of the Application Insights component.')
param componentName string

@description('Address of the health endpoint.')
param url string

@description('Name of the group of those who are told; empty for none.')
param actionGroupName string

// Names of places as Application Insights knows them: the Netherlands, Ireland, Virginia, California, Singapore.
var places = ['emea-nl-ams-azr', 'emea-gb-db3-azr', 'us-va-ash-azr', 'us-ca-sjc-azr', 'apac-sg-sin-azr']

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' existing = if (!empty(actionGroupName)) {
  name: empty(actionGroupName) ? 'none' : actionGroupName
}

resource test 'Microsoft.Insights/webtests@2022-06-15' = {
  name: name
  location: location
  tags: union(tags, { 'hidden-link:${component.id}': 'Resource' })
  kind: 'standard'
  properties: {
    Name: name
    SyntheticMonitorId: name
    Kind: 'standard'
    Enabled: true
    Frequency: 300
    Timeout: 30
    RetryEnabled: true
    Locations: [for place in places: { Id: place }]
    Request: { RequestUrl: url, HttpVerb: 'GET', FollowRedirects: false, ParseDependentRequests: false }
    ValidationRules: { ExpectedHttpStatusCode: 200, SSLCheck: true, SSLCertRemainingLifetimeCheck: 7 }
  }
}

resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-failed'
  location: 'global'
  tags: union(tags, { 'hidden-link:${component.id}': 'Resource', 'hidden-link:${test.id}': 'Resource' })
  properties: {
    description: 'The health endpoint did not answer 200 in at least two places.'
    severity: 0
    enabled: true
    scopes: [test.id, component.id]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: test.id
      componentId: component.id
      failedLocationCount: 2
    }
    actions: empty(actionGroupName) ? [] : [{ actionGroupId: actionGroup.id }]
  }
}
