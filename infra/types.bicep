metadata name = 'Types'
metadata description = 'Shapes that several files share.'

@export()
@description('How large a deployment is. sizes/ holds one of these for each name.')
type Size = {
  @description('Tier of SignalR. Free_F1 holds 20 connections, the others 1,000 per unit. Replicas, autoscale and zones need Premium_P1.')
  signalRSku: 'Free_F1' | 'Standard_S1' | 'Premium_P1'
  @description('Units of SignalR, of each replica too: 1 to 10, then tens up to 100. With autoscale the least.')
  @minValue(1)
  @maxValue(100)
  signalRUnits: int
  @description('Most units that autoscale goes to; the same as signalRUnits for no autoscale.')
  @minValue(1)
  @maxValue(100)
  signalRMaxUnits: int
  @description('Redundancy of all storage accounts.')
  storageSku: StorageSku
  @description('Storage accounts beside the primary one, for further shards of accounts and groups.')
  @minValue(0)
  @maxValue(31)
  storageShards: int
  @description('Where jobs wait.')
  workQueue: WorkQueueKind
  @description('Memory of one instance, in MB.')
  instanceMemoryMB: 512 | 2048 | 4096
  @description('Most instances at a time.')
  @minValue(40)
  @maxValue(1000)
  maximumInstanceCount: int
  @description('Requests that one instance takes at a time before another one is started.')
  @minValue(1)
  @maxValue(1000)
  httpConcurrency: int
  @description('Instances kept warm for HTTP. They cost money while idle.')
  @minValue(0)
  @maxValue(1000)
  alwaysReadyInstances: int
  @description('Whether instances are spread over availability zones. Not every region can; storage must be ZRS or GZRS.')
  zoneRedundant: bool
  @description('Days that logs are kept.')
  @minValue(30)
  @maxValue(730)
  logRetentionDays: int
  @description('Gigabytes of logs taken in a day before the rest is dropped; -1 for no limit.')
  logDailyCapGb: int
}

@export()
@description('Redundancy of a storage account.')
type StorageSku = 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS' | 'Standard_RAGRS' | 'Standard_RAGZRS'

@export()
@description('Where jobs wait: WorkQueue__Kind.')
type WorkQueueKind = 'StorageQueue' | 'ServiceBus'

@export()
@description('A queue of jobs.')
type WorkQueue = {
  name: string
  @description('Whether jobs of one session run one after another. Only Service Bus can; it is fixed when the queue is made.')
  sessions: bool
}
