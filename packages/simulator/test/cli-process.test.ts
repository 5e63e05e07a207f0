import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator } from '@lp/simulator';
import { build } from 'esbuild';
import { fetch } from 'undici';
import { WebSocket } from 'ws';
import type { LoginResponse } from './support/raw-client.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
/** Beside the package's own dependencies, which the command finds from there. */
const COMMAND = path('../node_modules/.cache/cli-test/cli/main.mjs');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lp-simulator-command-'));
  await build({
    entryPoints: [path('../src/cli/main.ts')],
    outfile: COMMAND,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['@lp/source'],
    external: ['ws', 'selfsigned'],
    logLevel: 'silent',
  });
});
afterAll(() => rm(folder, { recursive: true }));

interface Command {
  readonly child: ChildProcessWithoutNullStreams;
  /** All it prints until a text comes. */
  printed(text: string): Promise<string>;
  /** How it ended, and all it printed. */
  readonly ended: Promise<{ code: number | null; signal: string | null; out: string; err: string }>;
}

const running = new Set<ChildProcessWithoutNullStreams>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

function run(...args: string[]): Command {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: { PATH: process.env['PATH'] ?? '' } });
  running.add(child);
  let out = '';
  let err = '';
  const waiters = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    for (const waiter of waiters) waiter();
  });
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Awaited<Command['ended']>>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal, out, err });
    });
  });
  return {
    child,
    ended,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (out.includes(text)) resolve(out);
        };
        waiters.add(look);
        look();
        void ended.then(() => reject(new Error(`it ended first: ${err}`)));
      }),
  };
}

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

describe('the command lp-simulator', () => {
  it.each(['--help', '-h'])('explains itself on %s and ends well', async (option) => {
    const { code, out, err } = await run(option).ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Usage: lp-simulator \[options\]/);
    for (const name of ['--port', '--tls', '--ca', '--agents', '--account', '--seed']) expect(out).toContain(name);
  });

  it.each([
    ['an option that does not exist', ['--prot', '80'], 2, /Unknown option '--prot'; did you mean --port\?/],
    ['a port that is not one', ['--port', 'eighty'], 2, /--port must be a whole number/],
    ['an account that cannot be', ['--account', 'not ok'], 2, /accountId must be/],
    [
      'a file of agents that is not there',
      ['--agents', '/no/such/file.json'],
      2,
      /cannot read the agents file .* \(ENOENT\)/,
    ],
  ])('ends with one line on %s', async (_, args, expected, text) => {
    const { code, out, err } = await run(...args).ended;
    expect({ code, out }).toEqual({ code: expected, out: '' });
    expect(err).toMatch(text);
    expect(err.split('\n')).toEqual([expect.stringMatching(/^lp-simulator: /), '']);
  });

  it.each([
    ['no JSON', '[', /is not JSON/],
    ['no list', '{}', /must hold a list of agents/],
    ['an agent without a name', '[{}]', /agents\[0\]\.username is missing/],
    ['nobody', '[]', /agents must be a list of at least one agent/],
  ])('ends with one line on a file of agents with %s', async (name, text, expected) => {
    const { code, err } = await run('--agents', await file(`${name}.json`, text)).ended;
    expect(code).toBe(2);
    expect(err).toMatch(expected);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it('says which port is in use', async () => {
    await using other = await startSimulator();
    const { port } = new URL(other.url);
    const { code, err } = await run('--port', port).ended;
    expect({ code, err }).toEqual({
      code: 1,
      err: `lp-simulator: port ${port} is in use; choose another with --port\n`,
    });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'serves until %s, and then ends well at once, sockets or not',
    async (signal) => {
      const agents = await file('agents.json', JSON.stringify([{ username: 'ada', password: 'secret' }]));
      const command = run('--agents', agents, '--account', 'acc1');
      const greeting = await command.printed('Press Ctrl+C to stop.');
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(greeting)?.[0] ?? '';
      const login = await fetch(`${url}/api/account/acc1/login?v=1.3`, {
        method: 'POST',
        body: JSON.stringify({ username: 'ada', password: 'secret' }),
      });
      const { bearer } = (await login.json()) as LoginResponse;
      const socket = new WebSocket(`${url.replace('http', 'ws')}/ws_api/account/acc1/messaging/brand/${bearer}?v=2.1`);
      const closed = new Promise((resolve) => socket.on('close', resolve));
      await new Promise((resolve) => socket.on('open', resolve));
      command.child.kill(signal);
      expect(await command.ended).toMatchObject({ code: 0, signal: null, err: '' });
      await closed;
    },
  );

  it('greets with all that a client needs', async () => {
    const command = run('--seed', '9', '--account', 'acc9');
    const greeting = await command.printed('Press Ctrl+C to stop.');
    for (const text of [
      'The platform runs at',
      'acc9',
      'csdsDomain',
      'bot@example.com  password pass-',
      'Apps:',
      'secret ',
    ]) {
      expect(greeting).toContain(text);
    }
    await using same = await startSimulator({ seed: 9 });
    expect(greeting).toContain(same.agents[0]?.password ?? 'none');
    expect(greeting).toContain(same.apps[0]?.clientSecret ?? 'none');
    command.child.kill('SIGINT');
    await command.ended;
  });
});
