import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

// A folder with copies of the public repositories, their dependencies installed; nothing of them is kept here.
const copy = join(process.env['LP_PUBLIC_PROGRAMS'] ?? '', 'node-agent-sdk');
const describeWhere = existsSync(join(copy, 'node_modules/mocha')) ? describe : describe.skip;

describeWhere('the old SDK’s own tests of its public behaviour, as they are', () => {
  it('pass, all 28', async () => {
    const adapter = join(import.meta.dirname, 'old-suite-adapter.cjs');
    const mocha = join(copy, 'node_modules/mocha/bin/mocha');
    const parameters = [mocha, '--exit', '--reporter', 'json', '--require', adapter, 'test/agent_sdk_test.js'];
    const env = { ...process.env, LP_SHIM: join(import.meta.dirname, '../..'), NODE_OPTIONS: '' };
    const ran = await promisify(execFile)(process.execPath, parameters, { cwd: copy, env }).catch(
      (error: Error & { stdout: string }) => error,
    );
    const { stats, failures } = JSON.parse(ran.stdout.slice(ran.stdout.indexOf('{'))) as {
      stats: { passes: number; failures: number };
      failures: { fullTitle: string; err: { message: string } }[];
    };
    expect(failures.map(({ fullTitle, err }) => `${fullTitle}: ${err.message}`)).toEqual([]);
    expect(stats).toMatchObject({ passes: 28, failures: 0 });
  }, 60_000);
});
