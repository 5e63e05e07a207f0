import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Runs the program as it was built, to its end. */
async function run(...parameters: string[]): Promise<{ exitCode: unknown; printed: string }> {
  const child = spawn(process.execPath, [program, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const [exitCode] = (await once(child, 'close')) as unknown[];
  return { exitCode, printed };
}

describe('the bench', () => {
  it('measures every subject side by side, and says which targets were met', async () => {
    const { exitCode, printed } = await run('--quick', '--only', 'messages-100,connect');
    expect(exitCode).toBe(0);
    for (const name of ['ws + JSON.parse', 'node-agent-sdk', '@lp/agent']) {
      expect(printed).toMatch(new RegExp(`^  ${name.replace('+', '\\+')} +[\\d.]+ \\(`, 'm'));
    }
    expect(printed).toMatch(
      /^\| 40,000 messages in 100 conversations, one stream \| cpuUs \/ ws \+ JSON\.parse \| ≤ 1\.15 \|/m,
    );
    expect(printed).not.toContain('NaN');
  }, 60_000);

  it('says what it takes', async () => {
    expect(await run('--help')).toEqual({ exitCode: 0, printed: expect.stringContaining('--quick') });
  });
});
