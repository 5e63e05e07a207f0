import { Lab, type LabWorker, pause, type Told } from './lab.ts';

/** How long logins are away when their worker is killed. */
export interface TakeoverResult {
  readonly ttlMs: number;
  readonly workers: number;
  readonly logins: number;
  readonly kills: number;
  readonly messages: number;
  readonly lost: number;
  readonly twice: number;
  /** From the kill to its burial, one for each kill, sorted. */
  readonly buriedMs: readonly number[];
  /** From the burial to the last of its logins being claimed by another, sorted. */
  readonly claimedMs: readonly number[];
  /** From the burial to the last of its logins being ONLINE elsewhere, sorted. */
  readonly onlineMs: readonly number[];
  /** From the kill to the last of its logins being ONLINE elsewhere, one for each kill, sorted. */
  readonly tookMs: readonly number[];
}

export interface TakeoverOptions {
  readonly program: string;
  readonly seed: number;
  readonly ttlMs: number;
  readonly workers: number;
  readonly logins: number;
  readonly kills: number;
}

// One that is left has nobody to take its logins over.
const FEWEST = 2;

/**
 * Kills one worker after the other until two are left, starts others in their place and goes on, and measures each time
 * until all logins are served again.
 */
export async function runTakeover(options: TakeoverOptions): Promise<TakeoverResult> {
  const { kills, logins, program, seed, ttlMs, workers } = options;
  const lab = await Lab.start({ program, logins, conversationsPerLogin: 2, ttlMs, seed });
  const found: Takeover[] = [];
  try {
    const ids: string[] = [...lab.said.keys()];
    let talking: NodeJS.Timeout | undefined;
    while (found.length < kills) {
      const joined = await Promise.all(Array.from({ length: workers - lab.workers.size }, () => lab.startWorker()));
      for (const worker of joined) await lab.joined(worker);
      await lab.allEven();
      talking ??= setInterval(() => lab.say(ids[lab.messages % ids.length] as string), 20);
      while (lab.workers.size > FEWEST && found.length < kills) {
        // At another place between two beats each time.
        await pause((found.length * 137) % (ttlMs / 2));
        found.push(await killOne(lab));
      }
    }
    clearInterval(talking);
    const { lost, twice } = await lab.settle();
    const sorted = (of: (takeover: Takeover) => number) => found.map(of).toSorted((one, other) => one - other);
    return {
      ttlMs,
      workers,
      logins,
      kills,
      messages: lab.messages,
      lost,
      twice,
      buriedMs: sorted(({ buriedMs }) => buriedMs),
      claimedMs: sorted(({ buriedMs, claimedMs }) => claimedMs - buriedMs),
      onlineMs: sorted(({ buriedMs, tookMs }) => tookMs - buriedMs),
      tookMs: sorted(({ tookMs }) => tookMs),
    };
  } finally {
    await lab.close();
  }
}

/** Milliseconds since the kill. */
interface Takeover {
  readonly buriedMs: number;
  readonly claimedMs: number;
  readonly tookMs: number;
}

/** Kills the worker that serves most. */
async function killOne(lab: Lab): Promise<Takeover> {
  const [victim] = [...lab.workers.values()].toSorted((one, other) => other.serving.size - one.serving.size) as [
    LabWorker,
  ];
  const held = new Set(victim.serving);
  const from = lab.told.length;
  const killedAt = Date.now();
  await lab.kill(victim);
  await lab.allServed();
  const since = lab.told.slice(from);
  const isBurial = ({ type }: Told) => type === 'buried';
  const became = (state: string) => (event: Told) => event.state === state && held.has(event.login ?? '');
  const last = (of: (event: Told) => boolean) => Math.max(...since.filter(of).map(({ at }) => at)) - killedAt;
  return { buriedMs: last(isBurial), claimedMs: last(became('claimed')), tookMs: last(became('serving')) };
}
