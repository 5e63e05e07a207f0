import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type SimulatedChat, type Simulator, startSimulator } from '@lp/simulator';
import { environment } from './examples/support.ts';
import { root } from './run-program.ts';

/** What the consumer says to each thing that the bot says. */
const SCRIPT: Readonly<Record<string, string>> = {
  'Which size?': 'Large',
  'How many?': 'many',
  'A number from 1 to 20, please.': '2',
  '2 × Large?': 'Yes',
};
const UNDISTURBED = ['order', ...Object.entries(SCRIPT).flat(), 'Ordered. Thank you!'];
const PATIENCE = { timeoutMs: 20_000 };
// All of them take minutes: `KILL_POINTS=1,2,3…` names others.
const POINTS = (process.env['KILL_POINTS'] ?? '1,2,4,7,8,11,14').split(',').map(Number);

let simulator: Simulator;
let folder: string;

beforeEach(async () => {
  simulator = await startSimulator({ quirks: { ringReofferMs: 5 } });
  folder = mkdtempSync(join(tmpdir(), 'lp-killed-form-'));
});

afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

/** Starts the bot; with `killAt` it kills itself at that point. */
async function startBot(killAt = 0): Promise<{ bot: ChildProcess; exited: Promise<unknown> }> {
  const bot = spawn(process.execPath, [join(root, 'packages/e2e/test/programs/form-bot.mjs')], {
    env: {
      PATH: process.env['PATH'],
      ...environment(simulator),
      STORE_FILE: join(folder, 'dialogs'),
      KILL_AT: String(killAt),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(bot, 'exit');
  await Promise.race([once(bot.stdout, 'data'), exited]);
  return { bot, exited };
}

const said = ({ transcript }: SimulatedChat) => transcript.map(({ text }) => text);

/** Plays the consumer to the end of the form. */
async function play(chat: SimulatedChat): Promise<void> {
  for (;;) {
    const { text = '' } = await chat.next(PATIENCE);
    const answer = SCRIPT[text];
    if (answer === undefined) return;
    await chat.say(answer);
  }
}

describe('a form whose bot is killed', () => {
  it.each(POINTS)(
    'says each question once and uses each answer once: killed at point %d, before or after a publish or a save',
    async (point) => {
      const chat = await simulator.consumer().startConversation({ message: 'order' });
      const playing = play(chat);
      const first = await startBot(point);
      await first.exited;
      const second = await startBot();
      await playing;
      second.bot.kill('SIGKILL');
      await second.exited;
      expect(said(chat)).toEqual(UNDISTURBED);
    },
    60_000,
  );
});
