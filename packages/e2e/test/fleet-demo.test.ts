import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, describe, expect, it } from '@jest/globals';
import { root, runProgram } from './run-program.ts';

// It waits for what it shows: a slow machine takes longer.
const LONGEST_MS = 600_000;

let demo: ChildProcess | undefined;

// One that outlives its test would keep the process of the tests alive.
afterAll(() => {
  if (demo?.exitCode === null) demo.kill();
});

describe('the demo of a fleet', () => {
  it(
    'kills, freezes and adds workers, restarts the database, and loses and repeats nothing',
    async () => {
      const child = spawn(process.execPath, ['examples/fleet-bot/dist/demo.js', '--once'], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      demo = child;
      const said = { out: '', err: '' };
      child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
      const [exitCode] = (await once(child, 'close')) as [number];
      expect({ exitCode, err: said.err }).toEqual({ exitCode: 0, err: '' });
      expect(said.out).toMatch(/^messages \d{2,}, lost 0, twice 0$/m);
    },
    LONGEST_MS,
  );

  it('a worker says in one line what it wants', async () => {
    const { exitCode, stderr } = await runProgram('examples/fleet-bot/dist/main.js');
    expect(exitCode).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/^fleet-bot: set LP_ACCOUNT.*demo:fleet/)]);
  });
});
