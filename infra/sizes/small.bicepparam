using '../main.bicep'

param size = 'small'
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'parley-small')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
