import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';

const HERE = import.meta.dirname;
/** What programs find under the name node-agent-sdk: this package as it is built, and the registry's own. */
const PACKAGES = { ours: join(HERE, '..'), old: join(HERE, '../node_modules/node-agent-sdk') };

let simulator: Simulator;
let folder: string;
beforeEach(async () => {
  simulator = await startSimulator({ tls: true });
  folder = mkdtempSync(join(tmpdir(), 'lp-old-program-'));
  writeFileSync(join(folder, 'ca.pem'), simulator.ca ?? '');
});
afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

interface Program {
  readonly output: () => string;
  readonly errors: () => string;
  readonly printed: (text: string) => Promise<void>;
  readonly end: (signal?: NodeJS.Signals) => Promise<number | null>;
}

/** Runs a program as it is, in a folder where the name node-agent-sdk leads to a package. */
function run(name: string, as: keyof typeof PACKAGES, changes: Record<string, string> = {}): Program {
  const home = join(folder, as);
  mkdirSync(join(home, 'node_modules'), { recursive: true });
  symlinkSync(PACKAGES[as], join(home, 'node_modules/node-agent-sdk'));
  copyFileSync(join(HERE, 'programs', name), join(home, name));
  const { accountId, csdsDomain } = simulator;
  const { username = '', password = '' } = simulator.agents[0] ?? {};
  const account = { LP_ACCOUNT: accountId, LP_USER: username, LP_PASS: password, LP_CSDS: csdsDomain };
  const env = { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'), ...account, ...changes };
  const child = spawn(process.execPath, [join(home, name)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    output: () => output,
    errors: () => errors,
    async printed(text) {
      while (!output.includes(text)) {
        const more = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
        const code = await Promise.race([more, ended]);
        if (typeof code === 'number' && !output.includes(text)) throw new Error(`it ended with ${code}: ${errors}`);
      }
    },
    async end(signal) {
      if (signal) child.kill(signal);
      return ended;
    },
  };
}

describe('a bot in the old style, unchanged', () => {
  const conversation = async (as: keyof typeof PACKAGES): Promise<string> => {
    const bot = run('echo-bot.cjs', as);
    await bot.printed('subscribed');
    const chat = await simulator.consumer().startConversation();
    await bot.printed('conversation as');
    for (const text of ['one', 'two']) {
      await chat.say(text);
      expect(await chat.next()).toMatchObject({ text: `echo: ${text}` });
      await bot.printed(text === 'one' ? 'published' : 'heard two');
    }
    await chat.close();
    await bot.printed('gone');
    expect(await bot.end('SIGTERM')).toBe(0);
    return bot.output();
  };

  it('prints what it prints with the old package', async () => {
    const old = await conversation('old');
    expect(await conversation('ours')).toBe(old);
    expect(old).toContain('heard two');
  });

  it('answers each message once through losses, revoked tokens and what comes meanwhile', async () => {
    const bot = run('echo-bot.cjs', 'ours');
    await bot.printed('subscribed');
    const chat = await simulator.consumer().startConversation();
    await bot.printed('conversation as');
    const faults = [
      () => simulator.faults.dropAll(),
      () => simulator.faults.closeWith(1011),
      () => simulator.faults.expireToken({ sockets: 'drop' }),
    ];
    for (const [round, strike] of faults.entries()) {
      await chat.say(`before ${round}`);
      expect(await chat.next({ timeoutMs: 15_000 })).toMatchObject({ text: `echo: before ${round}` });
      strike();
      await chat.say(`during ${round}`);
      expect(await chat.next({ timeoutMs: 15_000 })).toMatchObject({ text: `echo: during ${round}` });
    }
    const answers = chat.transcript.flatMap(({ text }) => (text?.startsWith('echo: ') === true ? [text] : []));
    expect(answers.toSorted()).toEqual(
      faults.flatMap((_, round) => [`echo: before ${round}`, `echo: during ${round}`]).toSorted(),
    );
    expect(await bot.end('SIGTERM')).toBe(0);
  }, 60_000);
});

describe('a program without a listener for errors', () => {
  it('ends with the message when the login is refused, and not with 0', async () => {
    const program = run('ends.cjs', 'ours', { LP_PASS: 'wrong' });
    expect(await program.end()).toBe(1);
    expect(program.errors()).toContain('Error on AgentVEP login: ');
    expect(program.errors()).not.toContain('wrong');
  });

  it('is warned of a failure that the engine deals with, and goes on', async () => {
    simulator.faults.failUpgrade(503, { times: 1 });
    const program = run('ends.cjs', 'ours', { MODE: 'dispose' });
    expect(await program.end()).toBe(0);
    expect(program.output()).toBe('connected\n');
    expect(program.errors()).toContain('NodeAgentSdkWarning: Error on WS connection: ');
  });

  it('that has one ends with 0 after a refusal: nothing is left to do', async () => {
    const program = run('ends.cjs', 'ours', { LP_PASS: 'wrong', MODE: 'handled' });
    expect(await program.end()).toBe(0);
    expect(program.output()).toMatch(/^error Error on AgentVEP login: /);
  });
});

describe('a process', () => {
  it('ends when the agent is disposed of, and prints nothing of its own', async () => {
    const program = run('ends.cjs', 'ours', { MODE: 'dispose' });
    expect(await program.end()).toBe(0);
    expect([program.output(), program.errors()]).toEqual(['connected\n', '']);
  });

  it('hears what a listener or a callback throws as an uncaught exception, and the next frame comes', async () => {
    const program = run('ends.cjs', 'ours', { MODE: 'throw' });
    expect(await program.end()).toBe(0);
    expect(program.output().split('\n').slice(1, -1).toSorted()).toEqual([
      'the next one came',
      'uncaught from a callback',
      'uncaught from a listener',
      'uncaught from a listener',
    ]);
  });
});
