import { type Agent, type Conversation, connectAgent, LpError } from '@lp/agent';
import { type Simulator, startSimulator } from '@lp/simulator';
import { strikeOne } from '../chaos/fault-kinds.ts';
import { createRandom } from '../lib/random.ts';
import { createScaledClock } from '../lib/scaled-clock.ts';
import { readAnswers } from '../lib/tally.ts';
import { Silence } from './silence.ts';

export interface HandOffOptions {
  readonly seed: number;
  readonly conversations: number;
  /** How many of them at the same time: a wave, which is over when the bot has none of them any more. */
  readonly concurrency: number;
  /** How much faster than the machine's clock theirs is; a fault strikes each of its seconds. */
  readonly factor: number;
  /** Told after each wave. */
  readonly progress?: (text: string) => void;
}

/** What hand-offs under random faults came to. */
export interface HandOffResult {
  /** Hand-offs that succeeded, as the bot was told. */
  readonly conversations: number;
  /** Conversations that another has although the bot was told of a failure: the platform has not shown it in time. */
  readonly unseen: number;
  readonly faults: number;
  /** What the bot tried to say, show and mark afterwards; all of it was refused within its own process. */
  readonly refused: number;
  /** What reached the platform behind the transfer of a hand-off that succeeded. */
  readonly late: number;
  /** Consumers who were not told, or told twice. */
  readonly untold: number;
  readonly toldTwice: number;
  readonly realSeconds: number;
  readonly failures: readonly string[];
}

const BOT = 'bot@example.com';
const SAY = 'A colleague takes over.';
const ANOTHER_SKILL = '999';
// Then the faults of a wave have struck enough: what is left is brought to its end.
const MOST_STRIKES = 60;
// On a busy machine it takes as long as it takes, but no wave may go on for ever.
const LONGEST_WAVE_MS = 180_000;
const LOOK_MS = 100;
// How long a conversation that another has must have looked so: a bot that has just begun does not know its own yet.
const GONE_MS = 2_000;

type ScaledClock = ReturnType<typeof createScaledClock>;

/** Hands conversations off while faults strike and the bot goes on talking: nothing of that may get out afterwards. */
export async function runHandOffs(options: HandOffOptions): Promise<HandOffResult> {
  const { concurrency, conversations, progress, seed } = options;
  const startedAt = Date.now();
  const clock = createScaledClock(options.factor, startedAt);
  const agents = [{ username: BOT, password: 'x', skills: ['100'] }];
  const simulator = await startSimulator({ seed, clock, agents });
  const run = new HandOffRun(simulator, clock, options);
  const failures: string[] = [];
  const mostWaves = 2 * Math.ceil(conversations / concurrency) + 1;
  for (let wave = 1; run.handedOff < conversations && wave <= mostWaves; wave++) {
    const stuck = await run.wave(Math.min(concurrency, conversations - run.handedOff));
    if (stuck > 0) failures.push(`${stuck} conversations of wave ${wave} were still the bot's in the end`);
    progress?.(`hand-offs: ${run.handedOff} of ${conversations} after ${wave} waves, ${run.faults} faults`);
  }
  await run.end();
  const { faults, handedOff, unseen } = run;
  const { late, refused, missed } = run.silence;
  const { untold, toldTwice } = await readTold(simulator, run.silence.ids);
  await simulator.close();
  if (late > 0) failures.push(`${late} requests came after a hand-off`);
  if (missed > 0) failures.push(`${missed} frames were not looked at`);
  if (handedOff < conversations) failures.push(`${conversations - handedOff} were not handed off`);
  if (untold + toldTwice > 0) failures.push(`${untold} consumers were not told, ${toldTwice} twice`);
  const realSeconds = Math.round((Date.now() - startedAt) / 1_000);
  return { conversations: handedOff, unseen, faults, refused, late, untold, toldTwice, realSeconds, failures };
}

/** One bot that hands off what it gets, wave after wave. */
class HandOffRun {
  readonly silence: Silence;
  unseen = 0;
  faults = 0;
  readonly #simulator: Simulator;
  readonly #clock: ScaledClock;
  readonly #factor: number;
  readonly #random: ReturnType<typeof createRandom>;
  readonly #over = new AbortController();
  readonly #serving: Promise<void>;
  /** Conversations of the wave that the bot has not handed off yet. */
  readonly #open = new Set<string>();
  #agent: Agent | undefined;

  constructor(simulator: Simulator, clock: ScaledClock, { factor, seed }: HandOffOptions) {
    this.#simulator = simulator;
    this.#clock = clock;
    this.#factor = factor;
    this.#random = createRandom(seed);
    this.silence = new Silence(simulator);
    this.#serving = this.#serve();
  }

  get handedOff(): number {
    return this.silence.ids.length;
  }

  /** Hands so many conversations off while faults strike; gives how many the bot still has when time is up. */
  async wave(count: number): Promise<number> {
    const say = { skillId: '100', assignedTo: BOT, message: 'help' };
    for (const id of this.#simulator.openConversations(count, say)) this.#open.add(id);
    const until = Date.now() + LONGEST_WAVE_MS;
    let strikes = 0;
    const strike = () => {
      if (++strikes > MOST_STRIKES) return this.#simulator.faults.clear();
      strikeOne(this.#simulator.faults, this.#random);
      this.faults++;
    };
    const striking = setInterval(strike, 1_000 / this.#factor);
    const goneSince = new Map<string, number>();
    while (this.#open.size > 0 && Date.now() < until) {
      await sleep(LOOK_MS);
      for (const id of this.#open) if (this.#isGone(id, goneSince)) this.#giveUp(id);
    }
    clearInterval(striking);
    this.#simulator.faults.clear();
    const stuck = this.#open.size;
    for (const id of this.#open) this.silence.stop(id);
    this.#open.clear();
    return stuck;
  }

  async end(): Promise<void> {
    await this.silence.end();
    this.#over.abort();
    await this.#serving;
  }

  /** Whether the bot has seen for a while that a conversation which it could not hand off is another's. */
  #isGone(id: string, since: Map<string, number>): boolean {
    const isMine = this.#agent?.state !== 'connected' || this.#agent.conversation(id).details?.myRoles.length !== 0;
    if (isMine) since.delete(id);
    if (isMine) return false;
    const first = since.get(id) ?? Date.now();
    since.set(id, first);
    return Date.now() - first > GONE_MS;
  }

  #giveUp(id: string): void {
    this.#open.delete(id);
    this.silence.stop(id);
    this.unseen++;
  }

  readonly #handle = async (conversation: Conversation): Promise<void> => {
    const { conversationId } = conversation;
    for await (const message of conversation.messages()) {
      // It goes on talking, and never minds what becomes of that.
      this.silence.disturb(conversation);
      void message.reply(endless, { deliver: 'paragraphs' }).catch(() => undefined);
      await conversation.handOff({ skillId: ANOTHER_SKILL }, { say: SAY, summary: 'Wants help.' });
      this.silence.begin(conversationId);
      this.#open.delete(conversationId);
      return;
    }
  };

  /** Serves until the run is over; an agent that ends with an error, as when its token is revoked, is followed by another. */
  async #serve(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      try {
        this.#agent = await connectAgent({
          ...this.#simulator.connectOptions,
          clock: this.#clock,
          firstConnect: 'retry',
          contestedWaitMs: 0,
          reconnect: {
            initialMs: 500,
            maxMs: 2_000,
            serverErrorDelaysMs: [1_000],
            loginSpacingMs: 500,
            maxAttempts: Number.POSITIVE_INFINITY,
          },
          logger: false,
        });
        await this.#agent.setAgentState({ availability: 'ONLINE' });
        await this.#agent.serve(this.#handle, { signal, drainTimeoutMs: 0, maxAttempts: 1_000 });
      } catch (error) {
        if (!LpError.isInstance(error)) throw error;
      } finally {
        await this.#agent?.close();
        this.#agent = undefined;
      }
    }
  }
}

/** What consumers were told, by the platform's own history. */
async function readTold(simulator: Simulator, ids: readonly string[]): Promise<{ untold: number; toldTwice: number }> {
  const auditor = await connectAgent({ ...simulator.connectOptions, reconnect: false, contestedWaitMs: 0 });
  let [untold, toldTwice] = [0, 0];
  for (const id of ids) {
    const times = (await readAnswers(auditor, id)).filter((text) => text === SAY).length;
    if (times === 0) untold++;
    if (times > 1) toldTwice++;
  }
  await auditor.close();
  return { untold, toldTwice };
}

async function* endless(): AsyncGenerator<string> {
  for (let n = 0; ; n++) {
    yield `${n} ${'words '.repeat(50)}\n\n`;
    await sleep(5);
  }
}

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
