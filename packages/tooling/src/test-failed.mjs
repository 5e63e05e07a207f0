import { repeatableTests } from './failed-tests.mjs';
import { command, StepFailed, step } from './run.mjs';

/**
 * `npm run test:failed`: runs the test files that failed in the last `npm test` once more, alone. The tests talk over real
 * sockets and start real databases, and a machine that is busy with something else can be too slow for one of them; what
 * fails twice is a fault. Fails where too many failed, or where something else than a test did.
 */
await command(async () => {
  const paths = repeatableTests();
  if (paths.length === 0) throw new StepFailed('There is nothing that could be run once more.');
  process.stdout.write(`Once more, alone:\n${paths.map((path) => `  ${path}\n`).join('')}`);
  await step('Tests that failed', process.execPath, [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    '--config=packages/tooling/jest.config.mjs',
    '--maxWorkers=1',
    '--runTestsByPath',
    ...paths,
  ]);
});
