import { build } from './build.mjs';
import { install, nodeOf, VERSIONS } from './node-versions.mjs';
import { run, StepFailed } from './run.mjs';
import { setUp } from './set-up.mjs';

/** The newest of each line after the one that the measurements are made on. */
const LATER = VERSIONS.slice(1);

try {
  await setUp();
  await build(['packages/bench'], { types: false });
  const parameters = process.argv.slice(2);
  const at = parameters.indexOf('--runtimes');
  if (at !== -1) {
    await install();
    parameters.splice(at + 1, 0, LATER.map(nodeOf).join(','));
  }
  process.exitCode = await run(process.execPath, ['packages/bench/dist/main.js', ...parameters]);
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
}
