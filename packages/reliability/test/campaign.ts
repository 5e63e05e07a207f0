import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Measured } from '../src/report/results.ts';

const run = fileURLToPath(new URL('../bin/run.mjs', import.meta.url));
const SEED = '20260101';

/**
 * Runs a campaign with sizes of its own in a process of its own: exceptions that nobody handles, handles and memory
 * are the process's. Gives its result whether or not everything held.
 */
export async function runCampaign<N extends keyof Measured>(name: N, sizes: object): Promise<Measured[N]> {
  const options = { env: { ...process.env, SEED, NODE_OPTIONS: '' }, maxBuffer: 64 * 1024 * 1024 };
  const ended = await promisify(execFile)(process.execPath, [run, name, JSON.stringify(sizes)], options).catch(
    (error: Error & { stdout?: string; stderr?: string }) => error,
  );
  const line = /^RESULT (.*)$/m.exec(ended.stdout ?? '')?.[1];
  if (line === undefined) throw new Error(`the campaign ${name} gave no result: ${ended.stderr ?? ''}`);
  return JSON.parse(line) as Measured[N];
}
