import { Agent, type AgentConfig, type SDKError, type TransformError } from '@lp/node-agent-sdk';
import { type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';

/** Waits that a test can afford, and no spacing rules. */
export const QUICK = { initialMs: 1, maxMs: 20, jitter: 'none', dialSpacingMs: 0, loginSpacingMs: 0 } as const;

export interface Recorded {
  readonly name: string;
  readonly parameters: readonly unknown[];
}

/** A platform with agents of this package on it; `end` leaves nothing behind. */
export interface Fixture {
  readonly simulator: Simulator;
  /** The configuration of the first agent, with a quick policy. */
  readonly conf: (changes?: Record<string, unknown>) => AgentConfig;
  /** An agent of which every event but those of Node is recorded; it has an error listener. */
  readonly agent: (changes?: Record<string, unknown>) => Agent;
  /** The same, connected. */
  readonly connected: (changes?: Record<string, unknown>) => Promise<Agent>;
  readonly end: () => Promise<void>;
}

const records = new WeakMap<Agent, Recorded[]>();

export async function startFixture(options: SimulatorOptions = {}): Promise<Fixture> {
  const simulator = await startSimulator({ tls: true, ...options });
  const agents: Agent[] = [];
  const [first] = simulator.agents;
  const conf = (changes: Record<string, unknown> = {}): AgentConfig =>
    ({
      accountId: simulator.accountId,
      csdsDomain: simulator.csdsDomain,
      ca: simulator.ca,
      username: first?.username,
      password: first?.password,
      reconnect: QUICK,
      ...changes,
    }) as AgentConfig;
  const agent = (changes?: Record<string, unknown>): Agent => {
    const made = new Agent(conf(changes));
    agents.push(made);
    record(made);
    made.on('error', () => undefined);
    return made;
  };
  return {
    simulator,
    conf,
    agent,
    async connected(changes) {
      const made = agent(changes);
      await next(made, 'connected');
      return made;
    },
    async end() {
      for (const made of agents) made.dispose();
      await simulator.close();
    },
  };
}

/** Records what an agent emits. */
export function record(agent: Agent): void {
  const events: Recorded[] = [];
  records.set(agent, events);
  const emit = agent.emit.bind(agent);
  agent.emit = (name: string | symbol, ...parameters: unknown[]) => {
    if (typeof name === 'string' && !name.endsWith('Listener')) events.push({ name, parameters });
    return emit(name as 'warn', ...(parameters as [{ message: string }]));
  };
}

/** What was emitted so far. */
export const emitted = (agent: Agent): readonly Recorded[] => records.get(agent) ?? [];

/** The names of what was emitted so far, those of a kind left out. */
export const names = (agent: Agent, without: readonly string[] = ['success']): string[] =>
  emitted(agent)
    .map(({ name }) => name)
    .filter((name) => !without.includes(name));

/** How often an event was emitted so far. */
export const count = (agent: Agent, event: string): number => names(agent, []).filter((name) => name === event).length;

/** The errors that were emitted so far. */
export const errors = (agent: Agent): (SDKError | TransformError)[] =>
  emitted(agent)
    .filter(({ name }) => name === 'error')
    .map(({ parameters }) => parameters[0] as SDKError);

export type Outcome = readonly [error: unknown, body: unknown];

/** The outcome of a request: what its callback is given. */
export const outcome = (call: (callback: (error: unknown, body?: unknown) => void) => void): Promise<Outcome> =>
  new Promise((resolve) => call((error, body) => resolve([error, body])));

/** Resolves once something is so; looked at after every turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** The next event of a name, by what its listeners are given; an error meanwhile is nothing to it. */
export const next = (agent: Agent, event: string): Promise<unknown[]> =>
  new Promise((resolve) => agent.once(event, (...parameters: unknown[]) => resolve(parameters)));

/** Lets an agent take every ring and answer every message, as the old examples do; the texts it heard. */
export function echo(agent: Agent): string[] {
  const heard: string[] = [];
  const goOnline = () => {
    agent.setAgentState({ availability: 'ONLINE' });
    agent.subscribeExConversations({ agentIds: [agent.agentId], convState: ['OPEN'] });
    agent.subscribeRoutingTasks({});
  };
  if (agent.connected) goOnline();
  agent.on('connected', goOnline);
  agent.on('routing.RoutingTaskNotification', ({ changes }) => {
    for (const { ringId, ringState } of changes.flatMap(({ result }) => result.ringsDetails)) {
      if (ringState === 'WAITING') agent.updateRingState({ ringId, ringState: 'ACCEPTED' });
    }
  });
  agent.on('ms.MessagingEventNotification', ({ changes }) => {
    for (const { event, originatorId, dialogId } of changes) {
      if (event.type !== 'ContentEvent' || originatorId === agent.agentId) continue;
      const text = String(event.message);
      heard.push(text);
      agent.publishEvent({
        dialogId,
        event: { type: 'ContentEvent', contentType: 'text/plain', message: `echo: ${text}` },
      });
    }
  });
  return heard;
}
