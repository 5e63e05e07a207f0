import { createRandom } from '../lib/random.ts';
import { Lab, type LabOptions, pause } from './lab.ts';
import { STRIKES } from './strikes.ts';

export interface FleetChaosOptions extends Omit<LabOptions, 'ttlMs'> {
  readonly ttlMs: number;
  readonly workers: number;
  readonly strikes: number;
  readonly messagesPerSecond: number;
  /** The kinds, by their place in the list; default all. */
  readonly kinds?: readonly number[];
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
  /** Answers that were stopped between gate and system call; those of them that were said twice; how often the fleet has told of an answer said twice. */
  readonly trapped: number;
  readonly beyondPromise: number;
  readonly toldTwice: number;
  /** Workers whose process ended although nobody wanted it to, or did not end when it was asked to. */
  readonly crashes: number;
  readonly realSeconds: number;
}

/** Lets one strike after the other hit a random worker, while consumers go on talking. */
export async function runFleetChaos(options: FleetChaosOptions): Promise<FleetChaosResult> {
  const { messagesPerSecond, onProgress = () => undefined, seed, strikes, ttlMs, workers } = options;
  const random = createRandom(seed);
  const startedAt = Date.now();
  const lab = await Lab.start(options);
  const struck: Record<string, number> = {};
  const log: { at: number; name: string }[] = [];
  try {
    for (let i = 0; i < workers; i++) await lab.startWorker();
    await lab.allServed();
    const ids = [...lab.said.keys()];
    const talking = setInterval(() => lab.say(random.pick(ids)), 1_000 / messagesPerSecond);
    const all = Object.keys(STRIKES);
    const names = options.kinds ? options.kinds.map((place) => all[place] as string) : all;
    for (let n = 0; n < strikes; n++) {
      // Each kind in turn, so that a short run has them all; whom it hits, and when, is chance.
      const name = names[n % names.length] as string;
      struck[name] = (struck[name] ?? 0) + 1;
      log.push({ at: Date.now(), name });
      while (lab.workers.size < workers) await lab.startWorker();
      await STRIKES[name]?.(lab, random.pick([...lab.workers.values()]), ttlMs);
      await pause(random.below(1.5 * ttlMs));
      if (n % 20 === 19) onProgress(`${n + 1} strikes, ${lab.messages} messages`);
    }
    clearInterval(talking);
    const { answeredMs: _, repeated, ...tally } = await lab.settle();
    for (const [key, at] of repeated) onProgress(`twice: ${key} at ${at.join(', ')}; ${strikeAt(log, at)}`);
    return {
      seed,
      workers,
      logins: options.logins,
      conversations: ids.length,
      ttlMs,
      strikes: struck,
      messages: lab.messages,
      ...tally,
      trapped: lab.told.filter(({ type }) => type === 'trapped').length,
      toldTwice: lab.told.filter(({ type }) => type === 'answeredTwice').length,
      crashes: lab.crashes,
      realSeconds: Math.round((Date.now() - startedAt) / 1_000),
    };
  } finally {
    await lab.close();
  }
}

/** What had struck before the last of these moments. */
function strikeAt(log: readonly { at: number; name: string }[], moments: readonly number[]): string {
  const last = Math.max(...moments);
  const before = log.filter(({ at }) => at <= last).slice(-2);
  return before.map(({ at, name }) => `${last - at} ms after: ${name}`).join('; ');
}
