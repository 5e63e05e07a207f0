import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, step } from './run.mjs';

/** The lowest version that is supported, and the newest of each line that is maintained. */
export const VERSIONS = ['20.19.0', '22.23.3', '24.21.0'];

// Outside the workspace: a `node` among its commands would take the place of the system's in every script.
const home = join(root, '.cache', 'runtimes');
export const nodeOf = (version) =>
  join(home, 'node_modules', `node-${version}`, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Installs those that are not there yet. */
export async function install() {
  if (VERSIONS.every((version) => existsSync(nodeOf(version)))) return;
  mkdirSync(home, { recursive: true });
  // Packages that hold a runtime and nothing else; the usual ones are put together by a script at installation.
  const binaries = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const dependencies = Object.fromEntries(VERSIONS.map((version) => [`node-${version}`, `npm:${binaries}@${version}`]));
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const parameters = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', '--prefix', home];
  await step(`Installing Node ${VERSIONS.join(', ')}`, 'npm', parameters, { quiet: true });
}
