import { Lab, type LabOptions, pause } from './lab.ts';

export interface CostOptions extends Omit<LabOptions, 'ttlMs'> {
  readonly messages: number;
}

/** Processor time of a worker for a message, in microseconds. */
export interface CostResult {
  readonly messages: number;
  readonly memoryUs: number;
  readonly postgresUs: number;
}

/** What a message costs a worker with its positions in memory, and with them in PostgreSQL. */
export async function runCost(options: CostOptions): Promise<CostResult> {
  const memoryUs = await costOf(options, 'memory');
  const postgresUs = await costOf(options, 'postgres');
  return { messages: options.messages, memoryUs, postgresUs };
}

async function costOf(options: CostOptions, engine: 'memory' | 'postgres'): Promise<number> {
  const lab = await Lab.start({ ...options, ttlMs: 15_000 });
  try {
    const worker = await lab.startWorker({ engine });
    await lab.allServed();
    const ids = [...lab.said.keys()];
    const sayAll = async (count: number): Promise<void> => {
      const until = lab.messages + count;
      while (lab.messages < until) {
        for (let i = 0; i < 20 && lab.messages < until; i++) lab.say(ids[lab.messages % ids.length] as string);
        await pause(20);
      }
      await lab.settle();
    };
    // The first ones warm the compiler up.
    await sayAll(1_000);
    worker.child.kill('SIGUSR2');
    await sayAll(options.messages);
    await lab.stop(worker);
    const cost = worker.told.find(({ type }) => type === 'cost')?.cpuUs ?? 0;
    return Math.round(cost / options.messages);
  } finally {
    await lab.close();
  }
}
