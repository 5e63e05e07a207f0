import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { environment } from './examples/support.ts';
import { root } from './run-program.ts';

const KILLS = 6;

let simulator: Simulator;
let folder: string;

beforeEach(async () => {
  simulator = await startSimulator();
  folder = mkdtempSync(join(tmpdir(), 'lp-killed-bot-'));
});

afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

async function startBot(): Promise<ChildProcess> {
  const bot = spawn(process.execPath, [join(root, 'packages/e2e/test/programs/reply-bot.mjs')], {
    env: {
      PATH: process.env['PATH'],
      ...environment(simulator),
      CURSOR_FILE: join(folder, 'cursors'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(bot.stdout, 'data');
  return bot;
}

async function kill(bot: ChildProcess): Promise<void> {
  const exited = once(bot, 'exit');
  bot.kill('SIGKILL');
  await exited;
}

describe('a bot that is killed again and again', () => {
  // verifies: answer:exactly-once
  it('answers every message exactly once, in order', async () => {
    const chats = await Promise.all(Array.from({ length: 10 }, () => simulator.consumer().startConversation()));
    const texts: string[] = [];
    for (let round = 0; round <= KILLS; round++) {
      const bot = await startBot();
      for (const text of [`${round} one`, `${round} two`]) {
        texts.push(text);
        await Promise.all(chats.map((chat) => chat.say(text)));
      }
      // Killed while it answers: some answers are out, some marks and cursors are not.
      if (round < KILLS) await chats[round]?.next({ timeoutMs: 20_000 });
      else {
        for (const chat of chats) {
          while (chat.transcript.filter(({ from }) => from === 'agent').length < texts.length) {
            await chat.next({ timeoutMs: 20_000 });
          }
        }
      }
      await kill(bot);
    }
    const expected = texts.map((text) => `echo: ${text}`);
    const answers = chats.map((chat) => chat.transcript.filter(({ from }) => from === 'agent').map(({ text }) => text));
    expect(answers).toEqual(chats.map(() => expected));
  }, 60_000);
});
