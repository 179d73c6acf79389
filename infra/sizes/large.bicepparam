using '../main.bicep'

param size = 'large'
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'parley-large')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
