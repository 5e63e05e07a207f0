import { expect, it } from '@jest/globals';
import { startSimulator } from '@lp/simulator';
import { environment } from './examples/support.ts';
import { runProgram } from './run-program.ts';

// A process of its own: what was loaded once stays so.
it('connectAgent counts no time for what it has to load before it asks', async () => {
  await using simulator = await startSimulator();
  const { stderr, stdout } = await runProgram('packages/e2e/test/programs/clock-at-start.mjs', {
    env: environment(simulator),
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({ before: 0, connected: true });
});
