import { describe, it } from '@jest/globals';
import { createSharedMemory, memoryEngine } from '../../src/index.ts';
import { engineContract } from '../../src/testing/index.ts';

describe('the in-process engine', () => {
  const shared = createSharedMemory();
  for (const { name, run } of engineContract({ createEngine: () => memoryEngine(shared) })) it(name, run);
});
