import { spawnSync } from 'node:child_process';
import { build } from './build.mjs';
import { install, nodeOf, VERSIONS } from './node-versions.mjs';
import { command, StepFailed, step } from './run.mjs';
import { setUp } from './set-up.mjs';

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
