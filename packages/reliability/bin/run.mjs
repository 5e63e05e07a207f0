// Runs a campaign: `node packages/reliability/bin/run.mjs faults/main`.
import { spawn } from 'node:child_process';
import { unlinkSync } from 'node:fs';
import { bundle } from './bundle.mjs';

const [program, ...parameters] = process.argv.slice(2);
const file = bundle(program);
const child = spawn(process.execPath, ['--expose-gc', '--max-old-space-size=8192', file, ...parameters], {
  stdio: 'inherit',
});
child.once('close', (code) => {
  unlinkSync(file);
  process.exitCode = code ?? 1;
});
