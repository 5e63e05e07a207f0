import { getEventListeners } from 'node:events';
import {
  type Agent,
  type AgentOptions,
  type Conversation,
  connectAgent,
  createMemoryCursorStore,
  type ServeOptions,
  type StatusEvent,
} from '@lp/agent';
import { type Simulator, type SimulatorOptions, startSimulator } from '@lp/simulator';
import { Canary, MARK } from './canary.ts';
import { readAnswers, type Tally, tallyOf } from './tally.ts';
import { VirtualTime } from './virtual-time.ts';
import { WireProxy } from './wire-proxy.ts';

export const BOT = 'bot@example.com';

const SAME_TIME = 500;

export interface WorldOptions {
  /** Puts a proxy between agent and platform. */
  readonly proxy?: boolean;
  readonly simulator?: SimulatorOptions;
  readonly agent?: Partial<AgentOptions>;
  readonly serve?: ServeOptions;
  readonly stepMs?: number;
}

/** A simulator, an agent with an echo bot, one clock for both, and a record of everything that happened. */
export class World {
  readonly time: VirtualTime;
  readonly simulator: Simulator;
  readonly proxy: WireProxy | undefined;
  readonly canary = new Canary();
  /** Status events by type. */
  readonly statuses = new Map<string, number>();
  /** What handlers threw: errors of the library that the bot did not catch. */
  readonly handlerErrors: unknown[] = [];
  /** Conversation id → what its consumer has said. */
  readonly said = new Map<string, string[]>();
  agent: Agent | undefined;
  /** False when `serve` has rejected. */
  isServing = false;
  #options: WorldOptions;
  readonly #cursors = createMemoryCursorStore();
  readonly #abort = new AbortController();
  readonly #stopListening: () => void;
  readonly #answered = new Map<string, number>();
  #saidCount = 0;
  #answeredCount = 0;
  #serving: Promise<void> | undefined;
  #watching: Promise<void> | undefined;

  private constructor(time: VirtualTime, simulator: Simulator, proxy: WireProxy | undefined, options: WorldOptions) {
    this.time = time;
    this.simulator = simulator;
    this.proxy = proxy;
    this.#options = options;
    this.#stopListening = this.canary.listen();
    if (proxy) {
      proxy.onHttpBody = (_path, _body, cookies) => {
        for (const cookie of cookies) this.canary.add(/=([^;]*)/.exec(cookie)?.[1] ?? '');
      };
    }
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const time = new VirtualTime(options.stepMs);
    const simulator = await startSimulator({
      clock: time.clock,
      agents: [
        {
          username: BOT,
          password: `${MARK}-password`,
          appKey: `${MARK}-appKey`,
          secret: `${MARK}-secret`,
          accessToken: `${MARK}-accessToken`,
          accessTokenSecret: `${MARK}-accessTokenSecret`,
        },
      ],
      ...options.simulator,
    });
    const proxy = options.proxy ? await WireProxy.start(simulator.csdsDomain) : undefined;
    return new World(time, simulator, proxy, options);
  }

  /** What an agent connects with here. */
  get agentOptions(): AgentOptions {
    const { host } = this.proxy ?? {};
    return {
      ...this.simulator.connectOptions,
      ...(host === undefined ? {} : { csdsDomain: host, domains: { agentVep: host, facadeMsg: host, msgHist: host } }),
      clock: this.time.clock,
      logger: this.canary.logger,
      signal: this.#abort.signal,
      cursors: this.#cursors,
      ...this.#options.agent,
    };
  }

  /** The agents that connect from now on are given these hosts. */
  setDomains(domains: NonNullable<AgentOptions['domains']>): void {
    this.#options = { ...this.#options, agent: { ...this.#options.agent, domains } };
  }

  /** Connects the agent. @throws what connecting rejects with, after it was searched for secrets. */
  async connect(): Promise<Agent> {
    try {
      this.agent = await this.time.while(connectAgent(this.agentOptions), 'connecting');
    } catch (error) {
      this.canary.look('error of connectAgent', error);
      throw error;
    }
    this.#watching = this.#watch(this.agent);
    return this.agent;
  }

  /** Connects the agent and lets the echo bot answer `count` conversations that are assigned to it. */
  async serve(count: number): Promise<string[]> {
    const agent = await this.connect();
    const ids: string[] = [];
    // Pages of conversations are told apart by their times.
    for (let left = count; left > 0; left -= SAME_TIME) {
      const some = this.simulator.openConversations(Math.min(left, SAME_TIME), { assignedTo: BOT });
      for (const id of some) this.say(id);
      ids.push(...some);
      await this.time.clock.advance(1);
    }
    await this.time.while(agent.setAgentState({ availability: 'ONLINE' }), 'going online');
    this.#serveWith(agent);
    await this.allAnswered('first answers');
    return ids;
  }

  /** As a supervisor does: a new agent with the same cursor store. */
  async serveAgain(): Promise<void> {
    await this.time.while(this.restart(), 'starting again');
  }

  /** As `serveAgain`, while somebody else moves time. */
  async restart(): Promise<void> {
    await Promise.all([this.agent?.close(), this.#serving, this.#watching]);
    this.agent = undefined;
    const agent = await connectAgent(this.agentOptions);
    this.agent = agent;
    this.#watching = this.#watch(agent);
    this.#serveWith(agent);
    await agent.setAgentState({ availability: 'ONLINE' });
  }

  /** A consumer says something, on the platform's side of all faults. */
  say(conversationId: string): void {
    const texts = this.said.get(conversationId) ?? [];
    const text = `${MARK} message ${texts.length}`;
    this.said.set(conversationId, texts);
    texts.push(text);
    this.#saidCount++;
    this.simulator.sayAsConsumer(conversationId, text);
  }

  /** How many messages were said that the bot has not answered, as far as it knows. */
  get open(): number {
    return this.#saidCount - this.#answeredCount;
  }

  /** Waits until the bot has answered everything; gives the virtual time that took. */
  allAnswered(what: string, limitMs?: number): Promise<number> {
    return this.time.until(() => this.open <= 0, `${what}: ${this.open} answers`, limitMs);
  }

  /** What consumers have before them in the end, by the platform's own history. */
  async tally(of: (conversationId: string) => boolean = () => true): Promise<Tally> {
    const { agent } = this;
    if (!agent) throw new Error('there is no agent to read the history with');
    return await this.time.while(
      tallyOf(new Map([...this.said].filter(([id]) => of(id))), (id) => readAnswers(agent, id)),
      'the history',
    );
  }

  /** Closes the agent; gives the virtual time that took. */
  async closeAgent(): Promise<number> {
    const startedAt = this.time.now;
    if (!this.agent) return 0;
    await this.time.while(this.agent.close(), 'close()');
    await this.time.while(Promise.all([this.#serving, this.#watching]), 'the end of serve() and status()');
    return this.time.now - startedAt;
  }

  /** Ends everything after a run that has failed. */
  async abandon(): Promise<void> {
    this.#abort.abort();
    await this.time.run(10_000);
    await this.closePlatform();
  }

  async closePlatform(): Promise<void> {
    await this.proxy?.close();
    await this.simulator.close();
    this.#stopListening();
  }

  /** What is left of the agent and the platform after both were closed: timers, and listeners of the agent's signal. */
  get remains(): { timers: number; listeners: number } {
    return {
      timers: this.time.clock.pendingTimers,
      listeners: getEventListeners(this.#abort.signal, 'abort').length,
    };
  }

  #serveWith(agent: Agent): void {
    const serving = agent.serve((conversation) => this.#echo(conversation), this.#options.serve);
    this.isServing = true;
    // A program would end here, with the error that ended the agent or refused the subscription.
    const ended = (error: unknown) => {
      this.canary.look('error of serve', error);
      this.isServing = false;
    };
    this.#serving = serving.catch(ended);
  }

  async #echo(conversation: Conversation): Promise<void> {
    for await (const message of conversation.messages()) {
      this.canary.look('message without its content', { ...message, text: '', event: '' });
      await conversation.send(`echo: ${message.text}`, { inReplyTo: message });
      const key = `${message.dialogId} ${message.sequence}`;
      if (!this.#answered.has(key)) this.#answeredCount++;
      this.#answered.set(key, (this.#answered.get(key) ?? 0) + 1);
      await message.markRead();
    }
  }

  async #watch(agent: Agent): Promise<void> {
    for await (const event of agent.status({ capacity: 100_000 })) {
      this.statuses.set(event.type, (this.statuses.get(event.type) ?? 0) + 1);
      if (event.type === 'handlerError') this.handlerErrors.push(event.error);
      this.#lookAt(event);
    }
  }

  #lookAt(event: StatusEvent): void {
    // It names consumers by their ids, and a frame that is made wrong may have any text for one.
    const shown = event.type === 'consumerChanged' ? { ...event, from: '', to: '' } : event;
    this.canary.look(`status ${event.type}`, shown);
  }
}
