// Tests the simulator's pages in Chromium: installs what is missing, builds, runs. Arguments go to jest.
import { build } from '../../tooling/src/build.mjs';
import { run, StepFailed } from '../../tooling/src/run.mjs';
import { setUp } from '../../tooling/src/set-up.mjs';
import { findChromium, installChromium } from '../src/chromium.mjs';

const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '--config=packages/browser-tests/jest.config.mjs',
  ...process.argv.slice(2),
];

try {
  await setUp();
  const examples = ['echo-bot', 'form-bot', 'handoff-bot', 'llm-bot'].map((name) => `examples/${name}`);
  await build(['packages/browser-tests/test', ...examples], { types: false });
  const chromium = findChromium() ?? (await installChromium());
  process.exitCode = await run(process.execPath, jest, { env: { LP_CHROMIUM: chromium } });
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.stdout.write('\n0 passed, 1 failed, 0 skipped\n');
  process.exitCode = 1;
}
