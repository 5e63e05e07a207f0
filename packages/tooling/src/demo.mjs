import { buildPage } from './page.mjs';
import { run, StepFailed, step } from './run.mjs';
import { setUp } from './set-up.mjs';

try {
  await setUp();
  await step('Building what the demo needs', 'tsc', ['-b', 'examples/demo', 'examples/echo-bot'], { quiet: true });
  await buildPage();
  process.exitCode = await run(process.execPath, ['examples/demo/dist/main.js', ...process.argv.slice(2)]);
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
}
