import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RequestRejectedError } from '@lp/core';
import { type Simulator, startSimulator } from '@lp/simulator';
import { bundle } from '../bin/bundle.mjs';
import { Canary, MARK } from '../src/lib/canary.ts';

let program: string;
let simulator: Simulator;
let folder: string;

beforeAll(() => {
  program = bundle('programs/crashing-bot');
});
afterAll(() => unlinkSync(program));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lp-crash-'));
  simulator = await startSimulator({ agents: [{ username: 'bot@example.com', password: `${MARK}-password` }] });
});
afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

/** Runs the bot to its end; gives what it printed and what its crash report holds. */
async function crash(
  given: { password?: string } = {},
): Promise<{ code: number | null; output: string; report: string }> {
  const [conversationId = ''] = simulator.openConversations(1, {
    assignedTo: 'bot@example.com',
    message: `${MARK} hi`,
  });
  const options = { ...simulator.connectOptions, credentials: { ...simulator.connectOptions.credentials, ...given } };
  const child = spawn(process.execPath, ['--report-uncaught-exception', `--report-directory=${folder}`, program], {
    env: { PATH: process.env['PATH'] },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(JSON.stringify({ options, conversationId, message: `${MARK} answer` }));
  const code = await new Promise<number | null>((resolve) => child.once('close', (exitCode) => resolve(exitCode)));
  const report = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  return { code, output, report };
}

function leaksOf(texts: Record<string, string>): string[] {
  const canary = new Canary();
  for (const [where, text] of Object.entries(texts)) canary.search(where, text);
  return [...canary.leaks];
}

describe('a process that dies of an error of the library', () => {
  // verifies: readme:secrets, threat:logs
  it.each([
    [
      'a refused request',
      'REQUEST_REJECTED',
      true,
      () => simulator.faults.failRequests('PublishEvent', 400, { text: `${MARK} body` }),
    ],
    ['a request that got no response', 'REQUEST_TIMEOUT', true, () => simulator.faults.dropAnswers('PublishEvent')],
    ['a login that failed', 'AUTH_FAILED', false, () => simulator.faults.failLogin(500)],
    ['a socket that was refused', 'SESSION_EXPIRED', false, () => simulator.faults.failUpgrade(401)],
  ] as const)(
    'shows no secret in its output and its crash report: %s',
    async (_what, code, connects, strike) => {
      strike();
      const { output, report, code: exitCode } = await crash();
      expect(exitCode).not.toBe(0);
      expect(output).toContain(code);
      // Only who has connected can print an agent.
      expect(output.includes('printed:')).toBe(connects);
      expect(report).toContain('javascriptStack');
      expect(leaksOf({ output, report })).toEqual([]);
    },
    30_000,
  );

  // verifies: threat:logs, kept:credentials
  it('shows no password that was refused', async () => {
    const { output, report } = await crash({ password: `${MARK}-wrong` });
    expect(output).toContain('CREDENTIALS_INVALID');
    expect(leaksOf({ output, report })).toEqual([]);
  }, 30_000);
});

describe('the canary', () => {
  it('is found in a text, a key, a cause, a stack and an object', () => {
    const found = (value: unknown) => {
      const canary = new Canary();
      canary.look('here', value);
      return canary.leaks.size > 0;
    };
    expect([
      found(`x ${MARK} y`),
      found({ [MARK]: 1 }),
      found(new Error('a', { cause: new Error(MARK) })),
      found({ deep: [{ deep: { deep: { deep: { deep: { text: MARK } } } } }] }),
      found('f'.repeat(64)),
      found({ error: new Error(MARK) }),
      found({ harmless: 'f'.repeat(65) }),
    ]).toEqual([true, true, true, true, true, true, false]);
  });

  // verifies: shown:body
  it('is not in what is printed of an error that holds the body of a refusal', () => {
    const error = new RequestRejectedError({ status: 400, type: 'x', body: `${MARK} body` });
    const canary = new Canary();
    canary.look('error', error);
    canary.search('inspect', inspect(error));
    expect([...canary.leaks]).toEqual([]);
    expect(error.body).toContain(MARK);
  });
});
