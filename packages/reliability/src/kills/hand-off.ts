import { type Agent, type Conversation, connectAgent, LpError } from '@lp/agent';
import { type Simulator, startSimulator } from '@lp/simulator';
import { strikeOne } from '../chaos/fault-kinds.ts';
import { createRandom } from '../lib/random.ts';
import { createScaledClock } from '../lib/scaled-clock.ts';
import { readAnswers } from '../lib/tally.ts';

export interface HandOffOptions {
  readonly seed: number;
  readonly conversations: number;
  /** How many of them at the same time. */
  readonly concurrency: number;
  /** How much faster than the machine's clock theirs is; a fault strikes each of its seconds. */
  readonly factor: number;
}

/** What hand-offs under random faults came to. */
export interface HandOffResult {
  readonly conversations: number;
  readonly faults: number;
  /** What the bot tried to say, show and mark afterwards; all of it was refused within its own process. */
  readonly refused: number;
  /** What of this reached the platform after all. */
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
// On a busy machine it takes as long as it takes.
const LONGEST_MS = 3_600_000;

/** Hands conversations off while faults strike and the bot goes on talking: nothing of that may get out afterwards. */
export async function runHandOffs({
  seed,
  conversations,
  concurrency,
  factor,
}: HandOffOptions): Promise<HandOffResult> {
  const startedAt = Date.now();
  const clock = createScaledClock(factor, startedAt);
  const simulator = await startSimulator({ seed, clock, agents: [{ username: BOT, password: 'x', skills: ['100'] }] });
  const silence = new Silence(simulator);
  const random = createRandom(seed);
  const ids: string[] = [];
  const open = (count: number) =>
    ids.push(...simulator.openConversations(count, { skillId: '100', assignedTo: BOT, message: 'help' }));
  const over = new AbortController();
  setTimeout(() => over.abort(), LONGEST_MS).unref();
  const handler = async (conversation: Conversation) => {
    for await (const message of conversation.messages()) {
      // It goes on talking, and never minds what becomes of that.
      silence.disturb(conversation);
      void message.reply(endless, { deliver: 'paragraphs' }).catch(() => undefined);
      try {
        await conversation.handOff({ skillId: ANOTHER_SKILL }, { say: SAY, summary: 'Wants help.' });
        silence.begin(conversation.conversationId);
      } finally {
        // One whose transfer was not seen in time may be gone all the same: another one takes its place.
        if (silence.size < conversations) open(1);
        else over.abort();
      }
      return;
    }
  };
  open(Math.min(concurrency, conversations));
  let faults = 0;
  const strikes = setInterval(() => {
    strikeOne(simulator.faults, random);
    faults++;
  }, 1_000 / factor);
  while (!over.signal.aborted) await serve(simulator, { clock, handler, signal: over.signal });
  clearInterval(strikes);
  simulator.faults.clear();
  const late = await silence.end();
  const auditor = await connectAgent({ ...simulator.connectOptions, reconnect: false, contestedWaitMs: 0 });
  let [untold, toldTwice] = [0, 0];
  for (const id of silence.handedOff) {
    const times = (await readAnswers(auditor, id)).filter((text) => text === SAY).length;
    if (times === 0) untold++;
    if (times > 1) toldTwice++;
  }
  await auditor.close();
  await simulator.close();
  const failures = [
    ...(late > 0 ? [`${late} requests came after a hand-off`] : []),
    ...(silence.size < conversations ? [`${conversations - silence.size} were not handed off`] : []),
    ...(untold + toldTwice > 0 ? [`${untold} consumers were not told, ${toldTwice} twice`] : []),
  ];
  const realSeconds = Math.round((Date.now() - startedAt) / 1_000);
  return {
    conversations: silence.size,
    faults,
    refused: silence.refused,
    late,
    untold,
    toldTwice,
    realSeconds,
    failures,
  };
}

/** Serves until told to end, or until the agent ends with an error, as it may when its token is revoked. */
async function serve(
  simulator: Simulator,
  {
    clock,
    handler,
    signal,
  }: {
    clock: ReturnType<typeof createScaledClock>;
    handler: (conversation: Conversation) => Promise<void>;
    signal: AbortSignal;
  },
): Promise<void> {
  let agent: Agent | undefined;
  try {
    agent = await connectAgent({
      ...simulator.connectOptions,
      clock,
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
    await agent.setAgentState({ availability: 'ONLINE' });
    await agent.serve(handler, { signal, drainTimeoutMs: 0, maxAttempts: 1_000 });
  } catch (error) {
    if (!LpError.isInstance(error)) throw error;
  } finally {
    await agent?.close();
  }
}

async function* endless(): AsyncGenerator<string> {
  for (let n = 0; ; n++) {
    yield `${n} ${'words '.repeat(50)}\n\n`;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What must not be heard of conversations that were handed off. */
class Silence {
  refused = 0;
  readonly #simulator: Simulator;
  readonly #since = new Map<string, number>();
  readonly #disturbances = new Set<ReturnType<typeof setInterval>>();
  readonly #watching: Promise<void>;
  readonly #journal: Simulator['journal'];
  #late = 0;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
    this.#journal = simulator.journal;
    this.#watching = this.#watch();
  }

  /** Conversations that were handed off. */
  get handedOff(): string[] {
    return [...this.#since.keys()];
  }

  get size(): number {
    return this.#since.size;
  }

  /** Says, shows and marks something again and again, also after the hand-off. */
  disturb(conversation: Conversation): void {
    let times = 0;
    const refuse = () => {
      if (this.#since.has(conversation.conversationId)) this.refused++;
    };
    const timer = setInterval(() => {
      const { conversationId } = conversation;
      void conversation.send(`Still here ${times}.`).catch(refuse);
      void conversation.setTyping('COMPOSING').catch(refuse);
      void conversation.markRead(0).catch(refuse);
      if (++times > 40 && this.#since.has(conversationId)) this.#stop(timer);
    }, 10);
    this.#disturbances.add(timer);
  }

  begin(conversationId: string): void {
    this.#since.set(conversationId, this.#simulator.recentFrames.at(-1)?.number ?? 0);
  }

  /** How much was heard after all. */
  async end(): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const timer of this.#disturbances) this.#stop(timer);
    this.#journal.close();
    await this.#watching;
    return this.#late;
  }

  #stop(timer: ReturnType<typeof setInterval>): void {
    clearInterval(timer);
    this.#disturbances.delete(timer);
  }

  async #watch(): Promise<void> {
    for await (const { direction, frame, number, type } of this.#journal) {
      if (direction !== 'in' || type?.endsWith('PublishEvent') !== true) continue;
      const { dialogId = '' } = (frame?.body ?? {}) as { dialogId?: string };
      if (number > (this.#since.get(dialogId) ?? Number.POSITIVE_INFINITY)) this.#late++;
    }
  }
}
