using '../main.bicep'

param size = 'dev'
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'parley-dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
