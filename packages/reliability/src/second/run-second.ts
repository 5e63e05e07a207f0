import { type Agent, type Conversation, connectAgent, createMemoryCursorStore } from '@lp/agent';
import { LpError } from '@lp/core';
import { Canary } from '../lib/canary.ts';
import { Complaints } from '../lib/complaints.ts';
import { createRandom } from '../lib/random.ts';
import { type Tally, tallyOf } from '../lib/tally.ts';
import { VirtualTime } from '../lib/virtual-time.ts';
import { drawManners, type Manners } from './manners.ts';
import { ACCOUNT, SecondPlatform } from './second-platform.ts';
import { Storm } from './strikes.ts';

export interface SecondOptions {
  readonly seed: number;
  readonly talks: number;
  /** How long it storms, in seconds of virtual time; one strike each second. */
  readonly seconds: number;
}

/** What became of one seed. */
export interface SecondRun extends Tally {
  readonly seed: number;
  readonly manners: Manners;
  readonly messages: number;
  readonly strikes: Readonly<Record<string, number>>;
  readonly reconnects: number;
  readonly logins: number;
  /** How often the agent ended with an error and was started again, and with which. */
  readonly ends: readonly string[];
  /** From the last strike to the last answer, in seconds of virtual time. */
  readonly quietSeconds: number;
  readonly failures: readonly string[];
}

const QUIET_LIMIT_MS = 3_600_000;

/** The README's bot on a platform whose manners the seed draws, while something strikes each second. */
export async function runSecond(options: SecondOptions): Promise<SecondRun> {
  const complaints = new Complaints();
  try {
    return await run(options, complaints);
  } finally {
    complaints.stop();
  }
}

async function run({ seed, talks, seconds }: SecondOptions, complaints: Complaints): Promise<SecondRun> {
  const random = createRandom(seed);
  const manners = drawManners(random);
  const time = new VirtualTime(100);
  const canary = new Canary();
  const stopListening = canary.listen();
  await using platform = await SecondPlatform.start(manners, random, time.clock);
  const bot = new Bot(platform, time, canary);
  for (let n = 0; n < talks; n++) platform.say(platform.open(), 'CANARY 0');
  await time.while(bot.start(), 'connecting');
  const storm = new Storm(platform, random, time.clock);
  for (let second = 0; second < seconds; second++) {
    storm.strike(platform.talks);
    if (random.below(20) === 0) platform.open({ offered: true });
    const talk = random.pick(platform.talks);
    platform.say(talk, `CANARY ${talk.said.length}`);
    platform.tick();
    bot.look();
    await time.run(1_000);
  }
  storm.clear();
  const isDone = () => {
    platform.tick();
    bot.look();
    return platform.talks.every((talk) => new Set(platform.answersIn(talk)).size >= talk.said.length);
  };
  const failures: string[] = [];
  const quietMs = await time.until(isDone, 'all answered', QUIET_LIMIT_MS).catch((error: Error) => {
    failures.push(error.message);
    return QUIET_LIMIT_MS;
  });
  await time.run(120_000);
  await time.while(bot.stop(), 'the end of the bot');
  stopListening();
  const said = new Map(platform.talks.map((talk) => [talk.id, talk.said]));
  const answers = new Map(platform.talks.map((talk) => [talk.id, platform.answersIn(talk)]));
  const tally = await tallyOf(said, async (id) => answers.get(id) ?? []);
  if (tally.lost + tally.twice + tally.unordered > 0) failures.push('messages were lost, repeated or out of order');
  if (bot.ends.length > 0) failures.push(`the bot ended: ${bot.ends.join('; ')}`);
  const complained = complaints.stop();
  if (complained.length > 0) failures.push(`unhandled: ${complained.join('; ')}`);
  if (canary.leaks.size > 0) failures.push(`secrets shown in: ${[...canary.leaks].join(', ')}`);
  return {
    seed,
    manners,
    messages: platform.talks.reduce((sum, talk) => sum + talk.said.length, 0),
    strikes: Object.fromEntries(storm.counts),
    ...tally,
    reconnects: bot.reconnects,
    logins: platform.logins,
    ends: bot.ends,
    quietSeconds: quietMs / 1_000,
    failures,
  };
}

/** The README's bot with the production's policy, started again when it ends. */
class Bot {
  reconnects = 0;
  readonly ends: string[] = [];
  readonly #platform: SecondPlatform;
  readonly #time: VirtualTime;
  readonly #canary: Canary;
  readonly #cursors = createMemoryCursorStore();
  #agent: Agent | undefined;
  #starting = false;

  constructor(platform: SecondPlatform, time: VirtualTime, canary: Canary) {
    this.#platform = platform;
    this.#time = time;
    this.#canary = canary;
  }

  async start(): Promise<void> {
    const agent = await connectAgent({
      accountId: ACCOUNT,
      credentials: { username: 'bot', password: 'CANARY-password' },
      csdsDomain: this.#platform.host,
      clock: this.#time.clock,
      cursors: this.#cursors,
      logger: this.#canary.logger,
      firstConnect: 'retry',
      // Its tokens are revoked every few seconds, which is what another program with the same user looks like.
      contestedWaitMs: 0,
      // Strikes that come each second would hit nobody if it waited for minutes between dials.
      reconnect: { initialMs: 1_000, maxMs: 5_000, serverErrorDelaysMs: [2_000], loginSpacingMs: 1_000 },
    });
    this.#agent = agent;
    void this.#watch(agent);
    await agent.setAgentState({ availability: 'ONLINE' });
    const ended = (error?: unknown) => {
      if (this.#agent !== agent) return;
      this.#agent = undefined;
      this.ends.push(LpError.isInstance(error) ? `${error.code}: ${error.message}` : String(error));
      void agent.close();
    };
    agent.serve(echo).then(() => agent.closed.then(ended), ended);
  }

  /** Starts it again when it has ended, as a supervisor does. */
  look(): void {
    if (this.#agent || this.#starting) return;
    this.#starting = true;
    const failed = (error: unknown) => void this.ends.push(String(error));
    void this.start()
      .catch(failed)
      .finally(() => (this.#starting = false));
  }

  async stop(): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    await agent?.close();
  }

  async #watch(agent: Agent): Promise<void> {
    for await (const event of agent.status({ capacity: 100_000 })) {
      if (event.type === 'reconnected') this.reconnects++;
      this.#canary.look(`status ${event.type}`, event);
    }
  }
}

async function echo(conversation: Conversation): Promise<void> {
  for await (const message of conversation.messages()) await message.reply(`echo: ${message.text}`);
}
