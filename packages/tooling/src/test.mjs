import { build } from './build.mjs';
import { forgetFailedTests } from './failed-tests.mjs';
import { lint } from './lint.mjs';
import { run, StepFailed } from './run.mjs';
import { setUp } from './set-up.mjs';

// Arguments go to jest: `npm test -- packages/core` runs the tests of one package.
const filters = process.argv.slice(2);
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '--config=packages/tooling/jest.config.mjs',
  ...filters,
];

forgetFailedTests();
try {
  await setUp();
  await build(undefined, { types: false });
  await lint();
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  // The closing line is read by programs; a step that failed is a failure although no test ran.
  process.stdout.write('\n0 passed, 1 failed, 0 skipped\n');
  process.exit(1);
}
process.stdout.write('• Tests …\n');
process.exitCode = await run(process.execPath, jest);
