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

  it('rejects with what a call throws instead of rejecting', async () => {
    const engine = memoryEngine();
    engine.beat = () => {
      throw new Error('no promise');
    };
    await expect(boundedEngine(engine, 1_000).beat('i', {})).rejects.toThrow('no promise');
  });
});
