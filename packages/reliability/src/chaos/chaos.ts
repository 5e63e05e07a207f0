import { Complaints } from '../lib/complaints.ts';
import { createRandom } from '../lib/random.ts';
import { memoryInUse } from '../lib/resources.ts';
import type { Tally } from '../lib/tally.ts';
import { World } from '../lib/world.ts';
import { strikeOne } from './fault-kinds.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly conversations: number;
  /** How long faults strike, in seconds of virtual time; one each second. */
  readonly seconds: number;
  /** How many messages are said each second; below 1, one now and then. */
  readonly messagesPerSecond: number;
  readonly onProgress?: (text: string) => void;
}

/** What a run of chaos came to. */
export interface ChaosResult extends Tally {
  readonly seed: number;
  readonly conversations: number;
  readonly virtualSeconds: number;
  readonly faults: number;
  readonly messages: number;
  readonly reconnects: number;
  /** How often the agent ended with a typed error and was started again. */
  readonly restarts: number;
  readonly logins: number;
  /** From the last fault to the last answer, in seconds of virtual time. */
  readonly quietSeconds: number;
  /** What the agent took of the memory after the run, and what a new one takes that has the same conversations. */
  readonly agentMemory: number;
  readonly newAgentMemory: number;
  readonly realSeconds: number;
  readonly failures: readonly string[];
}

// Faults come faster than a connection counts as stable: the agent must not give up, and with waits of minutes between
// dials the faults would hit nobody.
const RECONNECT = {
  maxAttempts: Number.POSITIVE_INFINITY,
  initialMs: 1_000,
  maxMs: 2_000,
  serverErrorDelaysMs: [2_000],
  loginSpacingMs: 1_000,
};
const MEMORY_TOLERANCE = 5 * 1024 * 1024;
const QUIET_LIMIT_MS = 1_800_000;

/** Conversations go on while one random fault strikes each second of virtual time. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const complaints = new Complaints();
  try {
    return await run(options, complaints);
  } finally {
    complaints.stop();
  }
}

async function run(options: ChaosOptions, complaints: Complaints): Promise<ChaosResult> {
  const { seed, conversations, seconds, messagesPerSecond, onProgress = () => undefined } = options;
  const startedAt = performance.now();
  const random = createRandom(seed);
  const world = await World.start({
    stepMs: 100,
    simulator: { seed },
    // An audit finds the last notification of a conversation that was lost on a connection that lives.
    agent: {
      reconnect: { ...RECONNECT, random: () => random.next() },
      firstConnect: 'retry',
      // A token that is revoked every few seconds is what another program with the same user looks like.
      contestedWaitMs: 0,
    },
  });
  const { simulator, time, statuses } = world;
  const ids = await world.serve(conversations);
  const supervisor = new Supervisor(world);
  let messages = ids.length;
  let due = 0;
  for (let second = 0; second < seconds; second++) {
    strikeOne(simulator.faults, random);
    for (due += messagesPerSecond; due >= 1; due--, messages++) world.say(random.pick(ids));
    supervisor.look();
    await time.run(1_000);
    if (second % 500 === 499)
      onProgress(
        `${second + 1} s: ${messages} said, ${world.open} open, ${statuses.get('reconnected') ?? 0} reconnects`,
      );
  }
  simulator.faults.clear();
  await time.until(() => supervisor.look(), 'the bot at work again');
  const quiet = await world.allAnswered('what was said under faults', QUIET_LIMIT_MS);
  onProgress(`all answered ${quiet / 1_000} s after the last fault`);
  const tally = await world.tally();
  const agentMemory = await footprint(world);
  await world.serveAgain();
  await time.run(60_000);
  await world.allAnswered('nothing');
  const newAgentMemory = await footprint(world);
  await world.closePlatform();

  const failures: string[] = [];
  if (tally.lost + tally.twice + tally.unordered > 0) failures.push('messages were lost, repeated or out of order');
  const complained = complaints.stop();
  if (complained.length > 0) failures.push(`unhandled: ${complained.join('; ')}`);
  if (world.canary.leaks.size > 0) failures.push(`secrets shown in: ${[...world.canary.leaks].join(', ')}`);
  if (world.remains.timers + world.remains.listeners > 0) failures.push('timers or listeners were left');
  if (agentMemory > newAgentMemory + MEMORY_TOLERANCE) failures.push('the agent took more memory than a new one');
  return {
    seed,
    conversations,
    virtualSeconds: seconds,
    faults: seconds,
    messages,
    ...tally,
    reconnects: statuses.get('reconnected') ?? 0,
    restarts: supervisor.restarts,
    logins: statuses.get('sessionRenewed') ?? 0,
    quietSeconds: quiet / 1_000,
    agentMemory,
    newAgentMemory,
    realSeconds: Math.round((performance.now() - startedAt) / 1_000),
    failures,
  };
}

/** Starts the bot again when it has ended with an error: a new token that is refused at once, for one, ends it for good. */
class Supervisor {
  restarts = 0;
  readonly #world: World;
  #starting = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** Whether the bot is at work. */
  look(): boolean {
    if (this.#starting) return false;
    if (this.#world.agent !== undefined && this.#world.isServing) return true;
    this.restarts++;
    this.#starting = true;
    void this.#start();
    return false;
  }

  async #start(): Promise<void> {
    try {
      await this.#world.restart();
    } catch (error) {
      this.#world.canary.look('error of connectAgent', error);
    } finally {
      this.#starting = false;
    }
  }
}

/** What closing the agent gives back. */
async function footprint(world: World): Promise<number> {
  const before = await memoryInUse();
  await world.closeAgent();
  world.agent = undefined;
  return before - (await memoryInUse());
}
