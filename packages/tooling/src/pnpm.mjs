import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
// `npm run --silent` hands its silence on, and a failure would not say why.
const AUDIBLE = '--loglevel=error';

/** The program and the parameters that run the pnpm that package.json names, which need not be installed. */
export function pnpm(...parameters) {
  const npm = process.env.npm_execpath;
  const exec = ['--yes', AUDIBLE, '--', packageManager, AUDIBLE, ...parameters];
  // Under `npm run`, npm says where it is; npx may not be on the path.
  if (npm?.endsWith('npm-cli.js')) return [process.execPath, [npm, 'exec', ...exec]];
  return ['npx', exec];
}
