import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFleet } from '@lp/fleet';
import { startSimulator } from '@lp/simulator';
import { echo } from './bot.ts';

/** One worker with three bot users on a simulator, without a database. Three consumers talk to them. */
export async function rehearse(): Promise<void> {
  const agents = ['bot-1', 'bot-2', 'bot-3'].map((name) => ({ username: `${name}@example.com` }));
  await using simulator = await startSimulator({ agents });
  console.log(`A simulator is up at ${simulator.url}.`);
  const logins = simulator.agents.map(({ username, password }) => ({ credentials: { username, password } }));
  const { accountId, csdsDomain } = simulator;
  // Each simulator begins with the same ids: what one run has handled must not count in the next.
  const folder = await mkdtemp(join(tmpdir(), 'fleet-bot-'));
  await using fleet = await createFleet({ accountId, csdsDomain, logins, folder, limits: { loginsPerSecond: 100 } });
  const over = new AbortController();
  const running = fleet.serve(echo, { signal: over.signal });
  for (const firstName of ['Ada', 'Grace', 'Joan']) {
    const chat = await simulator.consumer({ firstName }).startConversation({ message: `I am ${firstName}` });
    const answer = await Promise.race([chat.next({ timeoutMs: 30_000 }), running]);
    console.log(`  ${firstName.padEnd(10)} I am ${firstName}`);
    console.log(`  Bot        ${answer?.text ?? '(no text)'}`);
  }
  over.abort();
  await running;
  await rm(folder, { recursive: true });
}
