import { type ChildProcess, execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll } from '@jest/globals';
import type { Measured } from '../src/report/results.ts';

const run = fileURLToPath(new URL('../bin/run.mjs', import.meta.url));
const SEED = '20260101';
const running = new Set<ChildProcess>();

// One that outlives its test would keep the process of the tests alive.
afterAll(() => {
  for (const child of running) child.kill();
});

/**
 * Runs a campaign with sizes of its own in a process of its own: exceptions that nobody handles, handles and memory
 * are the process's. Gives its result whether or not everything held.
 */
export async function runCampaign<N extends keyof Measured>(name: N, sizes: object): Promise<Measured[N]> {
  const options = { env: { ...process.env, SEED, NODE_OPTIONS: '' }, maxBuffer: 64 * 1024 * 1024 };
  const campaign = promisify(execFile)(process.execPath, [run, name, JSON.stringify(sizes)], options);
  running.add(campaign.child);
  const ended = await campaign.catch((error: Error & { stdout?: string; stderr?: string }) => error);
  running.delete(campaign.child);
  const line = /^RESULT (.*)$/m.exec(ended.stdout ?? '')?.[1];
  if (line === undefined) throw new Error(`the campaign ${name} gave no result: ${ended.stderr ?? ''}`);
  return JSON.parse(line) as Measured[N];
}
