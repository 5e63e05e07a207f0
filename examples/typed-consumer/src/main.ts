import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { receive } from './receive.ts';

/** The service of another team: it knows the platform's frames by their schemas and needs nothing else. */
const server = createServer((request, response) => {
  receive(request, process.env['LP_WEBHOOK_SECRET']).then(
    ({ status, lines }) => {
      for (const line of lines) console.log(line);
      response.writeHead(status).end();
    },
    (error: Error) => {
      console.error(`typed-consumer: ${error.message}`);
      response.writeHead(500).end();
    },
  );
});

server.on('error', (error) => {
  console.error(`typed-consumer: ${error.message}`);
  process.exitCode = 1;
});

const simulated = process.argv.includes('--simulator');
server.listen(simulated ? 0 : Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(`typed-consumer: waiting for webhooks at http://127.0.0.1:${port}`);
  if (simulated) void rehearse(port);
});
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => server.close());

async function rehearse(port: number): Promise<void> {
  try {
    const { sendWebhooks } = await import('./rehearsal.ts');
    await sendWebhooks(`http://127.0.0.1:${port}`);
  } catch (error) {
    console.error(`typed-consumer: ${(error as Error).message}`);
    process.exitCode = 1;
  } finally {
    server.close();
  }
}
