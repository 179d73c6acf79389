// One official JavaScript client, driven by a test: node client.mjs URL TOKEN TRANSPORT PROTOCOL
// Writes a JSON line per event; reads a JSON line per command: {"invoke":["target",…]}, {"send":["target",…]} or {"stop":true}.
import readline from 'node:readline';
import { HttpTransportType, HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { MessagePackHubProtocol } from '@microsoft/signalr-protocol-msgpack';

const [url, token, transport, protocol] = process.argv.slice(2);
// 64-bit integers arrive as BigInt in MessagePack; JSON has no word for them.
const write = (event) =>
  process.stdout.write(JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? { bigint: String(value) } : value)) + '\n');

let builder = new HubConnectionBuilder()
  .withUrl(url, { accessTokenFactory: () => token, transport: HttpTransportType[transport] })
  .configureLogging(LogLevel.None);
if (protocol === 'messagepack') {
  builder = builder.withHubProtocol(new MessagePackHubProtocol());
}

const connection = builder.build();
connection.on('note', (...args) => write({ event: 'note', args }));
connection.onclose((error) => write({ event: 'closed', error: error?.message ?? null }));

try {
  await connection.start();
} catch (error) {
  write({ event: 'refused', error: error.message });
  process.exit(1);
}

write({ event: 'started', connectionId: connection.connectionId });
for await (const line of readline.createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  if (command.stop) {
    break;
  }

  try {
    if (command.invoke) {
      const result = await connection.invoke(...command.invoke);
      write({ event: 'result', result: result ?? null });
    } else {
      await connection.send(...command.send);
    }
  } catch (error) {
    write({ event: 'failed', error: error.message });
  }
}

await connection.stop();
process.exit(0);
