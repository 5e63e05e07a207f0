import { createRandom } from '../lib/random.ts';
import { Lab, type LabOptions, type LabWorker, pause } from './lab.ts';

export interface FleetChaosOptions extends Omit<LabOptions, 'ttlMs'> {
  readonly ttlMs: number;
  readonly workers: number;
  readonly strikes: number;
  readonly messagesPerSecond: number;
  readonly onProgress?: (text: string) => void;
}

/** What a run of strikes came to. */
export interface FleetChaosResult {
  readonly seed: number;
  readonly workers: number;
  readonly logins: number;
  readonly conversations: number;
  readonly ttlMs: number;
  /** How often each kind has struck. */
  readonly strikes: Readonly<Record<string, number>>;
  readonly messages: number;
  readonly lost: number;
  readonly twice: number;
  readonly unordered: number;
  readonly realSeconds: number;
}

type Strike = (lab: Lab, victim: LabWorker, ttlMs: number) => Promise<void>;

// Each has its cause undone when it is over; some last longer than a TTL and some do not.
const STRIKES: Readonly<Record<string, Strike>> = {
  'kill -9': async (lab, victim) => {
    await lab.kill(victim);
    await lab.startWorker();
  },
  'frozen for longer than the TTL': async (_lab, victim, ttlMs) => {
    victim.child.kill('SIGSTOP');
    await pause(1.6 * ttlMs);
    victim.child.kill('SIGCONT');
  },
  'frozen for less than the TTL': async (_lab, victim, ttlMs) => {
    victim.child.kill('SIGSTOP');
    await pause(0.7 * ttlMs);
    victim.child.kill('SIGCONT');
  },
  'cut off from the engine': async (_lab, victim, ttlMs) => {
    victim.database.cut();
    await pause(1.6 * ttlMs);
    victim.database.open();
  },
  'half-open links to the engine': async (_lab, victim, ttlMs) => {
    victim.database.stall();
    await pause(1.6 * ttlMs);
    victim.database.open();
  },
  'a slow engine': async (_lab, victim, ttlMs) => {
    victim.database.delay(ttlMs / 8);
    await pause(ttlMs);
    victim.database.open();
  },
  'cut off from the platform': async (_lab, victim, ttlMs) => {
    victim.platform.cut();
    await pause(ttlMs);
    victim.platform.open();
  },
  'half-open links to the platform': async (_lab, victim, ttlMs) => {
    victim.platform.stall();
    await pause(ttlMs);
    victim.platform.open();
  },
  'the engine is killed and started again': async (lab, _victim, ttlMs) => {
    await lab.database.kill();
    await pause(1.5 * ttlMs);
    await lab.database.start();
  },
  'one is replaced, as in a deployment': async (lab, victim) => {
    await lab.startWorker();
    await lab.stop(victim);
  },
};

/** Lets one strike after the other hit a random worker, while consumers go on talking. */
export async function runFleetChaos(options: FleetChaosOptions): Promise<FleetChaosResult> {
  const { messagesPerSecond, onProgress = () => undefined, seed, strikes, ttlMs, workers } = options;
  const random = createRandom(seed);
  const startedAt = Date.now();
  const lab = await Lab.start(options);
  const struck: Record<string, number> = {};
  try {
    for (let i = 0; i < workers; i++) await lab.startWorker();
    await lab.allServed();
    const ids = [...lab.said.keys()];
    const talking = setInterval(() => lab.say(random.pick(ids)), 1_000 / messagesPerSecond);
    const names = Object.keys(STRIKES);
    for (let n = 0; n < strikes; n++) {
      // Each kind in turn, so that a short run has them all; whom it hits, and when, is chance.
      const name = names[n % names.length] as string;
      struck[name] = (struck[name] ?? 0) + 1;
      await STRIKES[name]?.(lab, random.pick([...lab.workers.values()]), ttlMs);
      await pause(random.below(1.5 * ttlMs));
      if (n % 20 === 19) onProgress(`${n + 1} strikes, ${lab.messages} messages`);
    }
    clearInterval(talking);
    const tally = await lab.settle();
    return {
      seed,
      workers,
      logins: options.logins,
      conversations: ids.length,
      ttlMs,
      strikes: struck,
      messages: lab.messages,
      ...tally,
      realSeconds: Math.round((Date.now() - startedAt) / 1_000),
    };
  } finally {
    await lab.close();
  }
}
