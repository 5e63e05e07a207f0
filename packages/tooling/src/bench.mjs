import { build } from './build.mjs';
import { run, StepFailed } from './run.mjs';
import { setUp } from './set-up.mjs';

try {
  await setUp();
  await build(['packages/bench'], { types: false });
  process.exitCode = await run(process.execPath, ['packages/bench/dist/main.js', ...process.argv.slice(2)]);
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
}
