import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { runProgram } from './run-program.ts';

const ECHO_BOT = 'examples/echo-bot/dist/main.js';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});

afterAll(async () => {
  await simulator.close();
});

const environment = (overrides: Record<string, string> = {}): Record<string, string> => ({
  LP_ACCOUNT: simulator.accountId,
  LP_USER: simulator.connectOptions.credentials.username,
  LP_PASS: simulator.connectOptions.credentials.password,
  LP_CSDS: simulator.csdsDomain,
  ...overrides,
});

/** A port of this machine that nobody listens on. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the echo bot as a program', () => {
  // verifies: first:stop
  it('answers a consumer and ends cleanly when told to stop', async () => {
    const chat = await simulator.consumer().startConversation({ message: 'hello' });
    let answer: string | undefined;
    const outcome = await runProgram(ECHO_BOT, {
      env: environment(),
      onOutput: (_, stop) => {
        void chat.next().then((message) => {
          answer = message.text;
          stop();
        });
      },
    });
    expect(answer).toBe('echo: hello');
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it.each([
    ['nothing is set', async () => ({}), /--simulator/],
    ['the account alone is set', async () => ({ LP_ACCOUNT: 'le12345678' }), /LP_USER \+ LP_PASS/],
    ['the password is wrong', async () => environment({ LP_PASS: 'wrong' }), /password/],
    ['the account is unknown', async () => environment({ LP_ACCOUNT: 'le404' }), /le404/],
    ['no simulator runs', async () => environment({ LP_CSDS: `127.0.0.1:${await unusedPort()}` }), /127\.0\.0\.1/],
    ['the account cannot be one', async () => environment({ LP_ACCOUNT: '../x' }), /accountId/],
    ['the bearer is no longer good', async () => bearerOnly(), /401|token/],
  ])('says in one line why it cannot start, and fails, when %s', async (_what, env, reason) => {
    const { exitCode, stdout, stderr } = await runProgram(ECHO_BOT, { env: await env() });
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(reason);
    expect(stderr).not.toContain(simulator.connectOptions.credentials.password);
  });
});

function bearerOnly(): Record<string, string> {
  const { LP_USER: _, LP_PASS: __, ...rest } = environment();
  return { ...rest, LP_TOKEN: 'expired', LP_USER_ID: '1' };
}
