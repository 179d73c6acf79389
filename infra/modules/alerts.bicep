metadata name = 'Alerts'
metadata description = 'What somebody should look at. Rules are always made; a message is sent only if an address is given.'

@description('What the names of the rules begin with.')
param prefix string

@description('Name of the group of those who are told.')
param actionGroupName string

@description('Region of the rules that query logs; the others are global.')
param location string

@description('Tags of all rules.')
param tags { *: string }

@description('Address that messages go to; empty for none.')
param emailAddress string

@description('Name of the Application Insights component.')
param componentName string

@description('Names of the storage accounts, the primary one first.')
param storageNames string[]

@description('Name of the SignalR service.')
param signalRName string

@description('Name of the Service Bus namespace; empty for none.')
param serviceBusName string

var rules = loadJsonContent('../alerts.json')
var storageIds = map(storageNames, name => resourceId('Microsoft.Storage/storageAccounts', name))
var storageRules = flatten(map(storageIds, (id, i) => map(rules.storage, rule => union(rule, { scope: id, name: '${rule.name}-${i}' }))))
var metricRules = concat(
  storageRules,
  map(empty(serviceBusName) ? rules.storageQueue : [], rule => union(rule, { scope: '${storageIds[0]}/queueServices/default' })),
  map(rules.signalR, rule => union(rule, { scope: resourceId('Microsoft.SignalRService/signalR', signalRName) })),
  map(empty(serviceBusName) ? [] : rules.serviceBus, rule => union(rule, { scope: resourceId('Microsoft.ServiceBus/namespaces', serviceBusName) }))
)

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(emailAddress)) {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'parley'
    enabled: true
    emailReceivers: [{ name: 'operators', emailAddress: emailAddress, useCommonAlertSchema: true }]
  }
}

resource metricAlerts 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for rule in metricRules: {
    name: '${prefix}-${rule.name}'
    location: 'global'
    tags: tags
    properties: {
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [rule.scope]
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: 'first'
            metricNamespace: rule.metricNamespace
            metricName: rule.metric
            timeAggregation: rule.aggregation
            operator: 'GreaterThan'
            threshold: rule.threshold
            dimensions: map(items(rule.dimensions), dimension => { name: dimension.key, operator: 'Include', values: dimension.value })
          }
        ]
      }
      actions: empty(emailAddress) ? [] : [{ actionGroupId: actionGroup.id }]
    }
  }
]

resource logAlerts 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for rule in rules.logs: {
    name: '${prefix}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${prefix}-${rule.name}'
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [component.id]
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: rule.query
            metricMeasureColumn: 'Value'
            timeAggregation: 'Maximum'
            operator: 'GreaterThan'
            threshold: rule.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: empty(emailAddress) ? [] : [actionGroup.id] }
    }
  }
]
