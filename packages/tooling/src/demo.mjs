import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { root, run, StepFailed } from './run.mjs';
import { setUp } from './set-up.mjs';

try {
  await setUp();
  // All of the examples, so that each can be run right afterwards.
  const examples = readdirSync(join(root, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  await build(
    examples.map(({ name }) => `examples/${name}`),
    { types: false },
  );
  process.exitCode = await run(process.execPath, ['examples/demo/dist/main.js', ...process.argv.slice(2)]);
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
}
