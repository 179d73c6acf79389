// Checks queries as the service would: syntax, names of operators and functions, tables, columns and their types.
// node check-queries.cjs FILE, a JSON array of queries. Prints what is wrong; exit code 1 if anything is.
require('@kusto/language-service-next/bridge.min.js');
require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
const { readFileSync } = require('node:fs');
const { GlobalState, KustoCode, Symbols } = Kusto.Language;

// The columns of Application Insights that queries use, and some more.
const tables = {
  customMetrics:
    '(timestamp: datetime, name: string, value: real, valueCount: int, valueSum: real, valueMin: real, valueMax: real, valueStdDev: real, customDimensions: dynamic, cloud_RoleName: string, cloud_RoleInstance: string, itemCount: int)',
  requests:
    '(timestamp: datetime, id: string, name: string, url: string, success: string, resultCode: string, duration: real, customDimensions: dynamic, operation_Id: string, cloud_RoleName: string, cloud_RoleInstance: string, itemCount: int)',
};
const symbols = new (System.Collections.Generic.List$1(Symbols.Symbol).ctor)();
for (const [name, schema] of Object.entries(tables)) {
  symbols.add(Symbols.TableSymbol.From(schema).WithName(name));
}
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor3('telemetry', null, symbols, false));

let faults = 0;
for (const query of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  const found = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  for (let i = 0; i < found.Count; i++) {
    faults++;
    console.log(`${query}\n  ${found.getItem(i).Severity}: ${found.getItem(i).Message}`);
  }
}
process.exitCode = faults > 0 ? 1 : 0;
