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
import { VirtualTime } from './virtual-time.ts';
import { WireProxy } from './wire-proxy.ts';

export const BOT = 'bot@example.com';

export interface WorldOptions {
  /** Puts a proxy between agent and platform. */
  readonly proxy?: boolean;
  readonly simulator?: SimulatorOptions;
  readonly agent?: Partial<AgentOptions>;
  readonly serve?: ServeOptions;
  readonly stepMs?: number;
}

/** What a conversation came to. */
export interface Tally {
  /** Messages of consumers without an answer. */
  readonly lost: number;
  /** Messages of consumers with more than one answer. */
  readonly twice: number;
  /** Conversations whose answers are not in the order of the messages. */
  readonly unordered: number;
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
  readonly #options: WorldOptions;
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
    const ids = this.simulator.openConversations(count, { assignedTo: BOT });
    for (const id of ids) this.said.set(id, []);
    await this.time.while(agent.setAgentState({ availability: 'ONLINE' }), 'going online');
    this.#serveWith(agent);
    for (const id of ids) this.say(id);
    await this.allAnswered('first answers');
    return ids;
  }

  /** As a supervisor does: a new agent with the same cursor store. */
  async serveAgain(): Promise<void> {
    const agent = await this.connect();
    await this.time.while(agent.setAgentState({ availability: 'ONLINE' }), 'going online');
    this.#serveWith(agent);
  }

  /** A consumer says something, on the platform's side of all faults. */
  say(conversationId: string): void {
    const texts = this.said.get(conversationId) ?? [];
    const text = `${MARK} message ${texts.length}`;
    this.said.set(conversationId, [...texts, text]);
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
  async tally(): Promise<Tally> {
    let [lost, twice, unordered] = [0, 0, 0];
    for (const [conversationId, texts] of this.said) {
      const answers = await this.#answersIn(conversationId);
      for (const text of texts) {
        const count = answers.filter((answer) => answer === `echo: ${text}`).length;
        if (count === 0) lost++;
        if (count > 1) twice++;
      }
      const known = [...new Set(answers)].map((answer) => texts.indexOf(answer?.replace('echo: ', '') ?? ''));
      if (known.some((at, n) => n > 0 && at < (known[n - 1] ?? 0))) unordered++;
    }
    return { lost, twice, unordered };
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
    // It rejects with what has ended the agent, which `agent.closed` tells as well.
    this.#serving = serving.catch((error: unknown) => this.canary.look('error of serve', error));
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
    this.canary.look(`status ${event.type}`, event);
  }

  async #answersIn(dialogId: string): Promise<(string | undefined)[]> {
    const answers: (string | undefined)[] = [];
    for (let after = -1; ; ) {
      const query = this.agent?.queryMessages({ dialogId, newerThanSequence: after });
      const events = (await this.time.while(query ?? Promise.resolve([]), 'the history')).filter(
        ({ sequence = -1 }) => sequence > after,
      );
      if (events.length === 0) return answers;
      for (const { event, isMe, sequence = -1 } of events) {
        after = Math.max(after, sequence);
        if (isMe && event.type === 'ContentEvent' && typeof event.message === 'string') answers.push(event.message);
      }
    }
  }
}
