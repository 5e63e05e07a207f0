import { Lab, type LabOptions, pause, type Told } from './lab.ts';

export interface RollingOptions extends LabOptions {
  readonly workers: number;
}

/** What a rolling deployment came to. */
export interface RollingResult {
  readonly workers: number;
  readonly logins: number;
  readonly ttlMs: number;
  readonly moves: number;
  /** The least that any plan needs: what each worker holds when it leaves, and nothing in between. */
  readonly leastMoves: number;
  /** From the moment a login takes no more work at its old worker to the moment it serves at the new one. */
  readonly offlineMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly messages: number;
  readonly lost: number;
  readonly twice: number;
}

/** Replaces each worker by a new one, one after the other, while consumers talk. */
export async function runRolling(options: RollingOptions): Promise<RollingResult> {
  const lab = await Lab.start(options);
  try {
    await Promise.all(Array.from({ length: options.workers }, () => lab.startWorker()));
    await lab.allServed();
    await lab.allEven();
    const ids = [...lab.said.keys()];
    const talking = setInterval(() => lab.say(ids[(lab.messages * 7) % ids.length] as string), 20);
    let leastMoves = 0;
    const from = lab.told.length;
    for (const worker of [...lab.workers.values()]) {
      // As a deployment does that waits until the new one is ready.
      await lab.joined(await lab.startWorker());
      await pause(500);
      leastMoves += [...lab.served().values()].filter((name) => name === worker.name).length;
      await lab.stop(worker);
      await lab.allServed();
    }
    await pause(4 * options.ttlMs);
    clearInterval(talking);
    const { lost, twice } = await lab.settle();
    const offline = offlineTimes(lab.told.slice(from)).toSorted((a, b) => a - b);
    const at = (share: number) => offline[Math.min(offline.length - 1, Math.floor(share * offline.length))] ?? 0;
    const { logins, ttlMs, workers } = options;
    return {
      workers,
      logins,
      ttlMs,
      moves: offline.length,
      leastMoves,
      offlineMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
      messages: lab.messages,
      lost,
      twice,
    };
  } finally {
    await lab.close();
  }
}

function offlineTimes(told: readonly Told[]): number[] {
  const leftAt = new Map<string, number>();
  const times: number[] = [];
  for (const { at, login = '', state, type } of told.toSorted((one, other) => one.at - other.at)) {
    if (type !== 'login') continue;
    if (state === 'draining') leftAt.set(login, at);
    const left = leftAt.get(login);
    if (state !== 'serving' || left === undefined) continue;
    times.push(at - left);
    leftAt.delete(login);
  }
  return times;
}
