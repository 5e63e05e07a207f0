import { describe, expect, it } from '@jest/globals';
import { createSharedMemory, memoryEngine } from '../../src/index.ts';
import { engineContract } from '../../src/testing/index.ts';

describe('the in-process engine', () => {
  const shared = createSharedMemory();
  it.each(engineContract({ createEngine: () => memoryEngine(shared) }))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
