import { describe, expect, it } from '@jest/globals';
import { createSharedMemory, type FleetEngine, memoryEngine } from '@lp/fleet';
import { engineContract } from '@lp/fleet/testing';
import { boundedEngine } from '../../src/fleet/bounded-engine.ts';

const never = () => new Promise<never>(() => undefined);

describe('an engine that is bounded', () => {
  const shared = createSharedMemory();
  it.each(engineContract({ createEngine: () => boundedEngine(memoryEngine(shared), 1_000) }))(
    '$name',
    async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    },
  );

  it('rejects each call that never ends, as one that may be tried again', async () => {
    const engine: FleetEngine = { ...memoryEngine(), pulse: never, readmit: never };
    const late = { message: expect.stringContaining('not responded for 20 ms'), retryable: true };
    await expect(boundedEngine(engine, 20).pulse()).rejects.toMatchObject(late);
    await expect(boundedEngine(engine, 20).readmit('a')).rejects.toMatchObject(late);
  });

  it('gives it more time to open, and leaves it to its caller how long it may close', async () => {
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 40));
    const engine = boundedEngine({ ...memoryEngine(), open: slow, close: slow }, 10);
    await expect(engine.open({ accountId: 'le1', callTimeoutMs: 10 })).resolves.toBeUndefined();
    await expect(engine.close()).resolves.toBeUndefined();
  });

  it('rejects with what a call throws instead of rejecting', async () => {
    const engine = memoryEngine();
    engine.beat = () => {
      throw new Error('no promise');
    };
    await expect(boundedEngine(engine, 1_000).beat('i', {})).rejects.toThrow('no promise');
  });
});
