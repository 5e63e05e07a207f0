/** What a piece of work took. */
export interface Cost {
  readonly wallMs: number;
  /** Of all threads of this process: garbage collection and compilation are in it. */
  readonly cpuMs: number;
}

export async function measure(work: () => Promise<unknown>): Promise<Cost> {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
}

/** What is alive after everything that can go has gone: objects, and bytes beside the heap. */
export function liveBytes(): number {
  const { gc } = globalThis as { gc?: () => void };
  if (!gc) throw new Error('this task needs --expose-gc');
  for (let round = 0; round < 4; round++) gc();
  const { external, heapUsed } = process.memoryUsage();
  return heapUsed + external;
}

/** The most that this process has had in memory at once. */
export function peakMb(): number {
  return process.resourceUsage().maxRSS / 1024;
}

/** Counts up to a number, then resolves. */
export class Counter {
  #left = 0;
  #reached: () => void = () => undefined;

  readonly count = (): void => {
    if (--this.#left === 0) this.#reached();
  };

  /** Resolves after so many further calls of `count`. */
  expect(count: number): Promise<void> {
    this.#left = count;
    return new Promise((resolve) => {
      this.#reached = resolve;
    });
  }
}

export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
