// Runs a campaign: `node packages/reliability/bin/run.mjs faults`, or all of them when none is named. A JSON argument gives
// other sizes than the long form's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { unlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const ALL = ['faults', 'exit', 'fuzz', 'chaos', 'kills', 'second', 'soak', 'crowd', 'fleet', 'old-bot'];

const [campaign, ...parameters] = process.argv.slice(2);
const bots = {
  LP_MORTAL_BOT: bundle('programs/mortal-bot'),
  LP_DYING_BOT: bundle('programs/dying-bot'),
  LP_EXITING_BOT: bundle('programs/exiting-bot'),
  LP_FLEET_WORKER: bundle('programs/fleet-worker'),
};
const made = Object.values(bots);
try {
  // One that fails does not keep the others from running.
  for (const name of campaign === undefined ? ALL : [campaign]) {
    const file = bundle(`${name}/main`);
    made.push(file);
    const child = spawn(process.execPath, ['--max-old-space-size=8192', file, ...parameters], {
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      env: { ...process.env, ...bots },
      stdio: 'inherit',
    });
    const stop = () => child.kill();
    process.once('SIGTERM', stop);
    const [code] = await once(child, 'close');
    process.removeListener('SIGTERM', stop);
    if (code !== 0) process.exitCode = code ?? 1;
  }
} finally {
  for (const file of made) unlinkSync(file);
}
