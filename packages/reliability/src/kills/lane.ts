import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimulatedChat, Simulator } from '@lp/simulator';
import type { Random } from '../lib/random.ts';
import { dataAhead } from './data-ahead.ts';
import { type Life, Lives, type StoreKind, type Told } from './life.ts';

/** What is killed. */
export interface Variant {
  readonly kind: Life['kind'];
  readonly store: StoreKind;
  /** Whether the platform's history keeps the ids of what was said. */
  readonly metadata: boolean;
}

/** Plays one consumer until the conversation may end; gives what was wrong. */
export type Play = (chat: SimulatedChat, stage: Stage) => Promise<readonly string[]>;

/** What a consumer may do besides. */
export interface Stage extends Variant {
  /** Says something as the consumer, at once. */
  readonly say: (chat: SimulatedChat, text: string) => void;
  /** How often it begins anew at most. */
  readonly rounds: number;
}

/** What a bot that was killed came to. */
export interface LaneResult {
  readonly kills: number;
  /** Conversations under way when the bot was killed: each was cut at a point of its own. */
  readonly cuts: number;
  readonly conversations: number;
  readonly wrong: readonly string[];
  readonly told: readonly Told[];
}

/** One bot user whose bot is killed again and again, and its consumers. */
export class Lane {
  readonly #simulator: Simulator;
  readonly #index: number;
  readonly #lives: Lives;
  readonly #variant: Variant;
  readonly #play: Play;
  readonly #folder = mkdtempSync(join(tmpdir(), 'lp-kills-'));
  readonly #playing = new Set<SimulatedChat>();
  readonly #wrong: string[] = [];
  #files = 0;
  #cuts = 0;
  #conversations = 0;
  #saidBefore = 0;
  #killed = 0;

  /** The bot user is the agent of this index. */
  constructor(
    simulator: Simulator,
    index: number,
    { program, variant, play }: { program: string; variant: Variant; play: Play },
  ) {
    this.#simulator = simulator;
    this.#index = index;
    this.#lives = new Lives(program);
    this.#variant = variant;
    this.#play = play;
  }

  /** Kills the bot at random moments while consumers play one conversation after the other. */
  async atRandom(options: {
    /** How often it is killed. */
    kills: number;
    conversations: number;
    rounds: number;
    faults: boolean;
    random: Random;
  }): Promise<void> {
    const { conversations, faults, kills, random, rounds } = options;
    const isOver = () => this.#killed >= kills || this.#wrong.length > 0;
    const consume = async () => {
      do await this.#converse(rounds);
      while (!isOver());
    };
    const consumers = Promise.all(Array.from({ length: conversations }, consume));
    let longest = LONGEST_LIFE_MS;
    while (!isOver()) {
      const byItself = random.below(2) === 0;
      const point = byItself ? 1 + random.below(MOST_POINTS * conversations) : 0;
      const { kill, online, over } = this.#begin(point, faults ? 1_000 : 10_000);
      await online;
      if (faults) strike(this.#simulator, this.#username, random);
      // One that was to kill itself may not get that far.
      const timer = setTimeout(kill, byItself ? 2 * longest : random.below(longest));
      const before = this.#said;
      await over;
      clearTimeout(timer);
      // On a busy machine a life has to be longer, for anything to happen in it.
      longest = this.#said > before ? LONGEST_LIFE_MS : 2 * longest;
      this.#killed++;
      this.#cuts += this.#playing.size;
      await this.#checkData();
    }
    await this.#finish(consumers);
  }

  /** Kills the bot at each of these points of its own work, one life after the other, in one conversation. */
  async atPoints(points: readonly number[]): Promise<void> {
    this.#files++;
    const consumer = this.#converse(1);
    const played = consumer.then(() => true);
    for (const point of points) {
      const { kill, over } = this.#begin(point);
      const isDone = await Promise.race([played, over.then(() => false)]);
      if (isDone) kill();
      else {
        this.#killed++;
        this.#cuts++;
      }
      await over;
      await this.#checkData();
      if (isDone) return;
    }
    await this.#finish(consumer);
  }

  end(): LaneResult {
    this.#lives.end();
    rmSync(this.#folder, { recursive: true });
    const wrong = [...this.#wrong, ...this.#lives.complaints];
    return {
      kills: this.#killed,
      cuts: this.#cuts,
      conversations: this.#conversations,
      wrong,
      told: this.#lives.told,
    };
  }

  /** How much was said so far. */
  get #said(): number {
    const lengths = [...this.#playing].map(({ transcript }) => transcript.length);
    return this.#saidBefore + lengths.reduce((sum, length) => sum + length, 0);
  }

  get #username(): string {
    return this.#simulator.agents[this.#index]?.username ?? '';
  }

  async #converse(rounds: number): Promise<void> {
    const chat = await this.#simulator.consumer().startConversation({ skillId: skillOf(this.#index) });
    this.#playing.add(chat);
    this.#conversations++;
    const say = (to: SimulatedChat, text: string) => this.#simulator.sayAsConsumer(to.conversationId, text);
    try {
      this.#wrong.push(...(await this.#play(chat, { ...this.#variant, rounds, say })));
    } catch (error) {
      this.#wrong.push(`${(error as Error).message}; said: ${JSON.stringify(chat.transcript.map(({ text }) => text))}`);
    }
    this.#playing.delete(chat);
    this.#saidBefore += chat.transcript.length;
    await chat.close();
  }

  /** The last life: what was begun is brought to its end. */
  async #finish(consumers: Promise<unknown>): Promise<void> {
    const { kill, over } = this.#begin(0);
    await consumers;
    kill();
    await over;
  }

  #begin(killAt: number, requestTimeoutMs = 10_000) {
    const { accountId, csdsDomain, insecure } = this.#simulator.connectOptions;
    const { username = '', password = '' } = this.#simulator.agents[this.#index] ?? {};
    const connect = { accountId, csdsDomain, ...(insecure && { insecure }), credentials: { username, password } };
    return this.#lives.begin({ ...this.#variant, file: this.#file, killAt, requestTimeoutMs, connect });
  }

  get #file(): string {
    return join(this.#folder, `store-${this.#files}`);
  }

  async #checkData(): Promise<void> {
    if (this.#variant.kind !== 'form' || this.#variant.store !== 'file') return;
    const agentId = this.#simulator.agents[this.#index]?.pid ?? '';
    const dialogIds = [...this.#playing].map(({ conversationId }) => conversationId);
    this.#wrong.push(...(await dataAhead(this.#file, agentId, dialogIds)));
  }
}

// A form takes about as many points. The next life goes on where the last one ended, so it need not live for all of them.
const MOST_POINTS = 20;
const LONGEST_LIFE_MS = 300;

/** The skill whose conversations go to a bot user alone. */
export const skillOf = (index: number): string => `${100 + index}`;

/** One thing that goes wrong on the way, of those that a bot survives without waiting for long. */
function strike({ faults }: Simulator, agent: string, random: Random): void {
  const kinds = [
    () => faults.dropAll({ agent }),
    () => faults.dropAnswers('PublishEvent', { agent, times: 1 }),
    () => faults.dropAnswers('QueryMessages', { agent, times: 1 }),
    () => faults.failRequests('QueryMessages', 500, { agent, times: 1 }),
    () => faults.duplicate({ agent, times: 10 }),
    () => faults.reorder({ agent, times: 10 }),
    () => faults.loseNotifications({ agent, times: 3 }),
  ];
  random.pick(kinds)();
}
