import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type PackageName, type Program, type Stage, setStage } from './support/program.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await setStage();
});
afterEach(() => stage.end());

const run = (name: string, as: PackageName, env: Record<string, string> = {}): Program =>
  stage.run(stage.place(join(import.meta.dirname, 'programs', name), as), { env });

describe('a bot in the old style, unchanged', () => {
  const conversation = async (as: PackageName): Promise<string> => {
    const bot = run('echo-bot.cjs', as);
    await bot.printed('subscribed');
    const chat = await stage.simulator.consumer().startConversation();
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
    const chat = await stage.simulator.consumer().startConversation();
    await bot.printed('conversation as');
    const faults = [
      () => stage.simulator.faults.dropAll(),
      () => stage.simulator.faults.closeWith(1011),
      () => stage.simulator.faults.expireToken({ sockets: 'drop' }),
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
    stage.simulator.faults.failUpgrade(503, { times: 1 });
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
