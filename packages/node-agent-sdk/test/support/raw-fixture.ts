import { Agent, type AgentConfig } from '@lp/node-agent-sdk';
import { next, QUICK, record } from './fixture.ts';
import { type RawPlatform, startRawPlatform } from './raw-platform.ts';

/** Agents of this package on a platform whose frames the test decides; `end` leaves nothing behind. */
export interface RawFixture {
  readonly platform: RawPlatform;
  readonly conf: (changes?: Record<string, unknown>) => AgentConfig;
  /** An agent of which every event is recorded; it has an error listener. */
  readonly agent: (changes?: Record<string, unknown>) => Agent;
  readonly connected: (changes?: Record<string, unknown>) => Promise<Agent>;
  /** Resolves when so many requests were received in all. */
  readonly received: (count: number) => Promise<void>;
  readonly end: () => Promise<void>;
}

export async function startRawFixture(options?: { port?: number }): Promise<RawFixture> {
  const platform = await startRawPlatform(options);
  const agents: Agent[] = [];
  const conf = (changes: Record<string, unknown> = {}): AgentConfig => {
    const { accountId, csdsDomain, ca } = platform;
    return {
      accountId,
      csdsDomain,
      ca,
      username: 'bot',
      password: 'secret',
      reconnect: QUICK,
      ...changes,
    } as AgentConfig;
  };
  const agent = (changes?: Record<string, unknown>): Agent => {
    const made = new Agent(conf(changes));
    agents.push(made);
    record(made);
    made.on('error', () => undefined);
    return made;
  };
  return {
    platform,
    conf,
    agent,
    async connected(changes) {
      const made = agent(changes);
      await next(made, 'connected');
      return made;
    },
    async received(count) {
      while (platform.requests.length < count) await new Promise((resolve) => setImmediate(resolve));
    },
    async end() {
      for (const made of agents) made.dispose();
      await platform.close();
    },
  };
}
