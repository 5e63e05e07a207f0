import type { Conversation } from '@lp/agent';
import { createFleet, type Fleet, type FleetEngine, type FleetOptions } from '@lp/fleet';
import { type Simulator, startSimulator } from '@lp/simulator';

/** A simulator with so many bot users, and the options of a fleet for it. */
export async function startPlatform(users: number): Promise<{ simulator: Simulator; options: FleetOptions }> {
  const agents = Array.from({ length: users }, (_, i) => ({ username: `bot-${i}@example.com` }));
  const simulator = await startSimulator({ agents });
  const { accountId, csdsDomain } = simulator.connectOptions;
  return {
    simulator,
    options: {
      accountId,
      csdsDomain,
      logins: simulator.agents.map(({ username, password }) => ({ credentials: { username, password } })),
      ttlMs: 1_500,
      limits: { loginsPerSecond: 1_000 },
      logger: false,
    },
  };
}

/** Answers each message once, by whichever worker. */
export async function echo(conversation: Conversation): Promise<void> {
  for await (const message of conversation.messages()) {
    await conversation.send(`echo: ${message.text}`, { inReplyTo: message });
    await message.markRead();
  }
}

/** A worker that serves. */
export interface Running {
  readonly fleet: Fleet;
  readonly served: Promise<void>;
}

/** Starts a worker on an engine. */
export async function startWorker(name: string, engine: FleetEngine, options: FleetOptions): Promise<Running> {
  const fleet = await createFleet({ ...options, engine, name });
  return { fleet, served: fleet.serve(echo) };
}

/** What a probe of a worker gets. */
export function probe(fleet: Fleet): { status: number; body: unknown } {
  const seen = { status: 0, body: '' };
  const response = {
    writeHead: (status: number) => (seen.status = status),
    end: (body: string) => (seen.body = body),
  };
  fleet.health({} as never, response as never);
  return { status: seen.status, body: JSON.parse(seen.body) };
}

/** Waits until the view of the fleet is as wanted, looking again and again. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, withinMs = 15_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** How many logins each worker holds, by its name; `-` are those that nobody does. */
export async function shares(fleet: Fleet): Promise<Record<string, number>> {
  const { logins } = await fleet.view();
  const counts: Record<string, number> = {};
  for (const { owner = '-' } of logins) counts[owner] = (counts[owner] ?? 0) + 1;
  return counts;
}
