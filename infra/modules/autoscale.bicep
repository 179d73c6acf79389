metadata name = 'Autoscale of SignalR'
metadata description = 'Changes the units of a SignalR service or of one of its replicas with connections and load. Only Premium_P1 can.'

@description('Name of the setting.')
param name string

@description('Region of the service or replica.')
param location string

@description('Tags of the setting.')
param tags { *: string }

@description('Resource id of the service or replica.')
param targetId string

@description('Namespace of its metrics.')
@allowed(['microsoft.signalrservice/signalr', 'microsoft.signalrservice/signalr/replicas'])
param metricNamespace string

@description('Fewest units.')
@minValue(1)
@maxValue(100)
param minimumUnits int

@description('Most units.')
@minValue(1)
@maxValue(100)
param maximumUnits int

// Out when either is high; in only when both are low.
var rules = [
  { metric: 'ConnectionQuotaUtilization', operator: 'GreaterThan', threshold: 70, direction: 'Increase', cooldown: 'PT5M' }
  { metric: 'ServerLoad', operator: 'GreaterThan', threshold: 70, direction: 'Increase', cooldown: 'PT5M' }
  { metric: 'ConnectionQuotaUtilization', operator: 'LessThan', threshold: 25, direction: 'Decrease', cooldown: 'PT30M' }
  { metric: 'ServerLoad', operator: 'LessThan', threshold: 25, direction: 'Decrease', cooldown: 'PT30M' }
]

resource setting 'Microsoft.Insights/autoscalesettings@2022-10-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    enabled: true
    targetResourceUri: targetId
    profiles: [
      {
        name: 'connections and load'
        capacity: { minimum: string(minimumUnits), maximum: string(maximumUnits), default: string(minimumUnits) }
        rules: [
          for rule in rules: {
            metricTrigger: {
              metricName: rule.metric
              metricNamespace: metricNamespace
              metricResourceUri: targetId
              timeGrain: 'PT1M'
              statistic: 'Max'
              timeWindow: 'PT10M'
              timeAggregation: 'Average'
              operator: rule.operator
              threshold: rule.threshold
            }
            scaleAction: { direction: rule.direction, type: 'ChangeCount', value: '1', cooldown: rule.cooldown }
          }
        ]
      }
    ]
  }
}
