import { Lab, pause } from './lab.ts';

/** How long logins are away when their worker is killed. */
export interface TakeoverResult {
  readonly ttlMs: number;
  readonly workers: number;
  readonly kills: number;
  readonly messages: number;
  readonly lost: number;
  readonly twice: number;
  /** From the kill to its burial, one for each kill, sorted. */
  readonly buriedMs: readonly number[];
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

/** Kills one worker after the other, starts another each time, and measures until all are served again. */
export async function runTakeover(options: TakeoverOptions): Promise<TakeoverResult> {
  const { kills, logins, program, seed, ttlMs, workers } = options;
  const lab = await Lab.start({ program, logins, conversationsPerLogin: 2, ttlMs, seed });
  const tookMs: number[] = [];
  const buriedMs: number[] = [];
  try {
    for (let i = 0; i < workers; i++) await lab.startWorker();
    await lab.allServed();
    const ids = [...lab.said.keys()];
    const talking = setInterval(() => lab.say(ids[lab.messages % ids.length] as string), 20);
    for (let n = 0; n < kills; n++) {
      // At another place between two beats each time, and not while logins move.
      await lab.allEven();
      await pause((n * 137) % ttlMs);
      const busy = new Set(lab.served().values());
      const victim = [...lab.workers.values()].find(({ name }) => busy.has(name));
      if (!victim) throw new Error('no worker serves anything');
      const [startedAt, killedAt, from] = [performance.now(), Date.now(), lab.told.length];
      await lab.kill(victim);
      await lab.allServed();
      tookMs.push(Math.round(performance.now() - startedAt));
      const buried = lab.told.slice(from).find(({ type }) => type === 'buried');
      buriedMs.push((buried?.at ?? Number.NaN) - killedAt);
      await lab.joined(await lab.startWorker());
      await pause(ttlMs);
    }
    clearInterval(talking);
    const { lost, twice } = await lab.settle();
    return {
      ttlMs,
      workers,
      kills,
      messages: lab.messages,
      lost,
      twice,
      buriedMs: sorted(buriedMs),
      tookMs: sorted(tookMs),
    };
  } finally {
    await lab.close();
  }
}

const sorted = (values: readonly number[]): number[] => values.toSorted((one, other) => one - other);
