import { publishedFolders } from './packages.mjs';
import { command, step } from './run.mjs';
import { setUp } from './set-up.mjs';

/** `npm run docs:api`: writes the API reference to docs/api; a name that leads nowhere is an error. */
await command(async () => {
  await setUp();
  // The packages are read against each other's built types.
  await step('Build', 'tsc', ['-b', ...publishedFolders()], { quiet: true });
  await step(
    'Write docs/api',
    'typedoc',
    ['--options', 'packages/tooling/typedoc.json', '--logLevel', 'Warn', ...process.argv.slice(2)],
    { quiet: true },
  );
});
