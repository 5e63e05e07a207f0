// Runs a campaign: `node packages/reliability/bin/run.mjs faults`. A JSON argument gives other sizes than the long form's.
import { spawn } from 'node:child_process';
import { unlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const [campaign, ...parameters] = process.argv.slice(2);
const file = bundle(`${campaign}/main`);
const bots = { LP_MORTAL_BOT: bundle('programs/mortal-bot'), LP_EXITING_BOT: bundle('programs/exiting-bot') };
const child = spawn(process.execPath, ['--max-old-space-size=8192', file, ...parameters], {
  cwd: fileURLToPath(new URL('../../..', import.meta.url)),
  env: { ...process.env, ...bots },
  stdio: 'inherit',
});
child.once('close', (code) => {
  for (const made of [file, ...Object.values(bots)]) unlinkSync(made);
  process.exitCode = code ?? 1;
});
