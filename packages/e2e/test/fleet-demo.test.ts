import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { root, runProgram } from './run-program.ts';

// It waits for what it shows: a slow machine takes longer.
const LONGEST_MS = 600_000;

describe('the demo of a fleet', () => {
  it(
    'kills, freezes and adds workers, restarts the database, and loses and repeats nothing',
    async () => {
      const demo = spawn(process.execPath, ['examples/fleet-bot/dist/demo.js', '--once'], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const said = { out: '', err: '' };
      demo.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
      demo.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
      const [exitCode] = (await once(demo, 'close')) as [number];
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
