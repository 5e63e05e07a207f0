import { fileURLToPath } from 'node:url';
import { command, step } from './run.mjs';

/** Lint and format check. */
export async function lint() {
  const rules = ['--config=packages/tooling/lint.json', '--type-aware', '--deny-warnings'];
  await step('Lint', 'oxlint', rules, { quiet: true });
  await step('Format check', 'biome', ['ci', '--config-path=packages/tooling/format.json'], { quiet: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await command(lint);
