import type { Agent, SDKError, TransformError } from '@lp/node-agent-sdk';

/** Waits that a test can afford, and no spacing rules. */
export const QUICK = { initialMs: 1, maxMs: 20, jitter: 'none', dialSpacingMs: 0, loginSpacingMs: 0 } as const;

export interface Recorded {
  readonly name: string;
  readonly parameters: readonly unknown[];
}

const records = new WeakMap<Agent, Recorded[]>();

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
