import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { command, root, StepFailed, step } from './run.mjs';
import { setUp } from './set-up.mjs';

/** The lowest version that is supported, and the newest of each line that is maintained. */
const VERSIONS = ['20.19.0', '22.23.3', '24.21.0'];

// Outside the workspace: a `node` among its commands would take the place of the system's in every script.
const home = join(root, '.cache', 'runtimes');
const nodeOf = (version) =>
  join(home, 'node_modules', `node-${version}`, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

async function install() {
  if (VERSIONS.every((version) => existsSync(nodeOf(version)))) return;
  mkdirSync(home, { recursive: true });
  // Packages that hold a runtime and nothing else; the usual ones are put together by a script at installation.
  const binaries = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const dependencies = Object.fromEntries(VERSIONS.map((version) => [`node-${version}`, `npm:${binaries}@${version}`]));
  writeFileSync(join(home, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const parameters = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', '--prefix', home];
  await step(`Installing Node ${VERSIONS.join(', ')}`, 'npm', parameters, { quiet: true });
}

/** `npm run test:runtimes`: the whole suite on each of them. Arguments go to jest. */
await command(async () => {
  await setUp();
  await build(undefined, { types: false });
  await install();
  const failed = [];
  for (const version of VERSIONS) {
    const { stdout } = spawnSync(nodeOf(version), ['--version'], { encoding: 'utf8' });
    if (stdout?.trim() !== `v${version}`) throw new StepFailed(`Node ${version} does not start here.`);
    const parameters = [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--config=packages/tooling/jest.config.mjs',
      ...process.argv.slice(2),
    ];
    await step(`Tests on Node ${version}`, nodeOf(version), parameters).catch(() => failed.push(version));
  }
  if (failed.length > 0) throw new StepFailed(`Failed on Node ${failed.join(' and ')}.`);
});
