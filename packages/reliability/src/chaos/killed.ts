import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connectAgent } from '@lp/agent';
import { type Simulator, startSimulator } from '@lp/simulator';
import { Canary, MARK } from '../lib/canary.ts';
import { createRandom } from '../lib/random.ts';
import { createScaledClock } from '../lib/scaled-clock.ts';
import { readAnswers, type Tally, tallyOf } from '../lib/tally.ts';
import { strikeOne } from './fault-kinds.ts';

export interface KilledOptions {
  readonly seed: number;
  readonly conversations: number;
  /** How long faults strike, one each second, in seconds of a time that is `factor` times as fast as the machine's. */
  readonly seconds: number;
  readonly factor: number;
  readonly messagesPerSecond: number;
  /** How long a bot lives at most, in seconds of that time; it is killed at a random moment before. */
  readonly longestLife: number;
  /** The bot's program: a file that Node runs. */
  readonly program: string;
  readonly onProgress?: (text: string) => void;
}

/** What a run with killed bots came to. */
export interface KilledResult extends Tally {
  readonly seed: number;
  readonly conversations: number;
  readonly virtualSeconds: number;
  readonly factor: number;
  readonly faults: number;
  readonly messages: number;
  /** How often the bot was killed with SIGKILL, and how often it ended by itself with an error. */
  readonly kills: number;
  readonly ends: number;
  readonly realSeconds: number;
  readonly failures: readonly string[];
}

// At the bot's clock, and longer than it ever waits: ten minutes, for a history that broke the connection again and again.
const PATIENCE_MS = 900_000;
const LOOK_AGAIN_MS = 500;
// An answer that is given twice is given soon after the first.
const QUIET_MS = 4_000;
const BOT = 'bot@example.com';
const AUDITOR = 'auditor@example.com';

/** A bot that is killed again and again and started on its cursor file, while a random fault strikes each second. */
export async function runKilled(options: KilledOptions): Promise<KilledResult> {
  const { seed, conversations, seconds, factor, messagesPerSecond, onProgress = () => undefined } = options;
  const random = createRandom(seed);
  const startedAt = Date.now();
  const clock = createScaledClock(factor, startedAt);
  const password = `${MARK}-password`;
  const agents = [BOT, AUDITOR].map((username) => ({ username, password }));
  const simulator = await startSimulator({ seed, clock, agents });
  const canary = new Canary();
  const folder = mkdtempSync(join(tmpdir(), 'lp-chaos-'));
  const bots = new Bots({
    simulator,
    program: options.program,
    canary,
    setting: { factor, startedAt, cursorFile: join(folder, 'cursors') },
  });
  const ids = simulator.openConversations(conversations, { assignedTo: BOT });
  const said = new Map<string, string[]>(ids.map((id) => [id, []]));
  const say = (id: string): void => {
    const texts = said.get(id) ?? [];
    texts.push(`${MARK} message ${texts.length}`);
    simulator.sayAsConsumer(id, texts.at(-1) as string);
  };
  let messages = 0;
  let due = 0;
  let lives = random.below(options.longestLife);
  bots.start();
  for (let second = 0; second < seconds; second++) {
    strikeOne(simulator.faults, random);
    for (due += messagesPerSecond; due >= 1; due--, messages++) say(random.pick(ids));
    if (bots.isOnline && --lives <= 0) {
      bots.kill();
      lives = random.below(options.longestLife);
    }
    await pause(Math.max(0, startedAt + ((second + 1) * 1_000) / factor - Date.now()));
    if (second % 500 === 499) onProgress(`${second + 1} s: ${messages} said, ${bots.kills} kills, ${bots.ends} ends`);
  }
  simulator.faults.clear();
  // As a user of its own, for a second login of the bot's would end the bot's session.
  const auditor = await connectAgent({ ...simulator.connectOptions, credentials: { username: AUDITOR, password } });
  const look = () => tallyOf(said, (id) => readAnswers(auditor, id));
  await allAnswered(look, PATIENCE_MS / factor);
  await pause(QUIET_MS);
  const ends = bots.ends;
  await bots.stop();
  const tally = await look();
  await auditor.close();
  await simulator.close();
  rmSync(folder, { recursive: true });
  const failures: string[] = [];
  if (tally.lost + tally.twice + tally.unordered > 0) failures.push('messages were lost, repeated or out of order');
  if (canary.leaks.size > 0) failures.push(`secrets shown in: ${[...canary.leaks].join(', ')}`);
  return {
    seed,
    conversations,
    virtualSeconds: seconds,
    factor,
    faults: seconds,
    messages,
    ...tally,
    kills: bots.kills,
    ends,
    realSeconds: Math.round((Date.now() - startedAt) / 1_000),
    failures,
  };
}

/** Waits until everything is answered, or no answer has come for so long. */
async function allAnswered(look: () => Promise<Tally>, patienceMs: number): Promise<void> {
  let [fewest, since] = [Number.POSITIVE_INFINITY, Date.now()];
  while (fewest > 0 && Date.now() - since < patienceMs) {
    const { lost } = await look();
    if (lost < fewest) [fewest, since] = [lost, Date.now()];
    await pause(LOOK_AGAIN_MS);
  }
}

interface BotsParts {
  readonly simulator: Simulator;
  readonly program: string;
  readonly canary: Canary;
  readonly setting: object;
}

/** One bot at a time, started again whenever it has ended. */
class Bots {
  kills = 0;
  ends = 0;
  isOnline = false;
  readonly #parts: BotsParts;
  #child: ChildProcess | undefined;
  #over = false;
  #gone: Promise<void> = Promise.resolve();

  constructor(parts: BotsParts) {
    this.#parts = parts;
  }

  start(): void {
    const { simulator, program, canary, setting } = this.#parts;
    const { accountId, credentials, csdsDomain } = simulator.connectOptions;
    const child = spawn(process.execPath, [program], {
      env: {
        PATH: process.env['PATH'],
        LP_ACCOUNT: accountId,
        LP_USER: credentials.username,
        LP_PASS: credentials.password,
        LP_CSDS: csdsDomain,
        LP_BOT: JSON.stringify(setting),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      canary.search('stdout of the bot', chunk.toString());
      if (chunk.toString().includes('online')) this.isOnline = true;
    });
    child.stderr.on('data', (chunk: Buffer) => canary.search('stderr of the bot', chunk.toString()));
    this.#gone = new Promise((resolve) => {
      child.once('close', (_code, signal) => {
        this.isOnline = false;
        if (signal === null) this.ends++;
        resolve();
        if (!this.#over) this.start();
      });
    });
  }

  kill(): void {
    this.kills++;
    this.isOnline = false;
    this.#child?.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#over = true;
    this.#child?.kill('SIGKILL');
    await this.#gone;
  }
}
