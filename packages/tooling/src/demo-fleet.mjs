import { build } from './build.mjs';
import { command, run } from './run.mjs';
import { setUp } from './set-up.mjs';

await command(async () => {
  await setUp();
  await build(['examples/fleet-bot'], { types: false });
  process.exitCode = await run(process.execPath, ['examples/fleet-bot/dist/demo.js', ...process.argv.slice(2)]);
});
