import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { connectAgent } from '@lp/agent';
import { type LocalPostgres, startPostgres } from '@lp/local-postgres';
import { type Simulator, startSimulator } from '@lp/simulator';
import { type Tally, tallyOf } from '../lib/tally.ts';
import type { WorkerOrder, WorkerSetting } from './setting.ts';
import { TcpProxy } from './tcp-proxy.ts';

export interface LabOptions {
  readonly program: string;
  readonly logins: number;
  readonly conversationsPerLogin: number;
  readonly ttlMs: number;
  readonly seed: number;
  /** Logins of the whole fleet in a second; default 1,000. */
  readonly loginsPerSecond?: number;
}

/** A change of a login's state, as a worker has told it. */
export interface Told {
  readonly type: string;
  readonly at: number;
  readonly worker: string;
  readonly login?: string;
  readonly state?: string;
  readonly error?: string;
  /** Of `trapped`: the answer that was frozen between gate and system call. */
  readonly dialogId?: string;
  readonly text?: string;
  /** Of `cost`, told at the end: processor time in microseconds. */
  readonly cpuUs?: number;
}

/** A worker's process with what lies between it and the others. */
export interface LabWorker {
  readonly name: string;
  readonly child: ChildProcess;
  readonly database: TcpProxy;
  readonly platform: TcpProxy;
  readonly told: Told[];
  readonly gone: Promise<unknown>;
  /** The logins that it serves, as far as it has told. */
  readonly serving: Set<string>;
  order(order: WorkerOrder): void;
}

/** What the platform's history holds in the end. */
export interface LabTally extends Tally {
  /** Answers that were said twice since their process was frozen between gate and system call: what nobody can prevent. */
  readonly beyondPromise: number;
  /** All answers that were said more than once, and when. */
  readonly repeated: readonly (readonly [string, readonly number[]])[];
  /** From each message to its first answer, by the platform's clock. */
  readonly answeredMs: readonly number[];
}

const LONGEST_END_MS = 120_000;
// Reads the histories, and is never part of the fleet.
const AUDITOR = 'auditor@example.com';

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const keyOf = ({ dialogId = '', text = '' }: Pick<Told, 'dialogId' | 'text'>): string => `${dialogId} ${text}`;

/** PostgreSQL, the platform with its consumers, and workers as processes, all on this machine. */
export class Lab {
  readonly workers = new Map<string, LabWorker>();
  readonly told: Told[] = [];
  readonly said = new Map<string, string[]>();
  messages = 0;
  readonly #options: LabOptions;
  readonly simulator: Simulator;
  /** Processes of workers that have ended although nobody wanted them to, or not although they were asked to. */
  crashes = 0;
  #database: LocalPostgres;
  readonly #ending = new Set<string>();
  #count = 0;

  private constructor(options: LabOptions, simulator: Simulator, database: LocalPostgres) {
    this.#options = options;
    this.simulator = simulator;
    this.#database = database;
    for (const { username } of this.#bots) {
      const ids = simulator.openConversations(options.conversationsPerLogin, { assignedTo: username });
      for (const id of ids) this.said.set(id, []);
    }
  }

  get database(): LocalPostgres {
    return this.#database;
  }

  get #bots() {
    return this.simulator.agents.filter(({ username }) => username !== AUDITOR);
  }

  static async start(options: LabOptions): Promise<Lab> {
    const agents = Array.from({ length: options.logins }, (_, i) => ({ username: `bot-${i}@example.com` }));
    agents.push({ username: AUDITOR });
    const [database, simulator] = await Promise.all([startPostgres(), startSimulator({ agents, seed: options.seed })]);
    return new Lab(options, simulator, database);
  }

  /** Says something in a conversation. */
  say(id: string): void {
    const texts = this.said.get(id) ?? [];
    texts.push(`message ${texts.length}`);
    this.simulator.sayAsConsumer(id, texts.at(-1) as string);
    this.messages++;
  }

  async startWorker(special: Pick<WorkerSetting, 'broken' | 'engine' | 'marks'> = {}): Promise<LabWorker> {
    const name = `worker-${++this.#count}`;
    const platformPort = Number(this.simulator.csdsDomain.split(':')[1]);
    const [database, platform] = await Promise.all([TcpProxy.start(this.database.port), TcpProxy.start(platformPort)]);
    const setting: WorkerSetting = {
      name,
      database: this.database.url.replace(`:${this.database.port}/`, `:${database.port}/`),
      accountId: this.simulator.accountId,
      csdsDomain: this.simulator.csdsDomain,
      socketHost: `127.0.0.1:${platform.port}`,
      logins: this.#bots.map(({ username, password }) => ({ username, password })),
      ttlMs: this.#options.ttlMs,
      ...(this.#options.loginsPerSecond !== undefined && { loginsPerSecond: this.#options.loginsPerSecond }),
      ...special,
    };
    const child = spawn(process.execPath, [this.#options.program], {
      env: { PATH: process.env['PATH'], LP_FLEET: JSON.stringify(setting) },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const told: Told[] = [];
    const serving = new Set<string>();
    child.stdin?.on('error', () => undefined);
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    lines.on('line', (line) => {
      const event = JSON.parse(line) as Told;
      told.push(event);
      this.told.push(event);
      if (event.type === 'trapped') setTimeout(() => child.kill('SIGCONT'), 1.6 * this.#options.ttlMs).unref();
      if (event.type !== 'login' || event.login === undefined) return;
      if (event.state === 'serving') serving.add(event.login);
      else serving.delete(event.login);
    });
    const order = (what: WorkerOrder) => void child.stdin?.write(`${JSON.stringify(what)}\n`);
    // Its proxies end with it, however it ends: they would keep this process alive.
    const gone = once(child, 'exit').then(async () => {
      this.workers.delete(name);
      if (!this.#ending.delete(name)) this.crashes++;
      await Promise.all([database.close(), platform.close()]);
    });
    const worker: LabWorker = { name, child, database, platform, told, gone, serving, order };
    this.workers.set(name, worker);
    return worker;
  }

  /** The logins that each worker serves, as far as it has told. */
  served(): Map<string, string> {
    const holders = new Map<string, string>();
    for (const { name, serving } of this.workers.values()) for (const login of serving) holders.set(login, name);
    return holders;
  }

  /** Waits until every login is served by a worker that lives. */
  async allServed(withinMs = 60_000): Promise<void> {
    const end = Date.now() + withinMs;
    while (this.served().size < this.#options.logins) {
      if (Date.now() > end) throw new Error(`after ${withinMs} ms only ${this.served().size} logins are served`);
      await pause(20);
    }
  }

  /** Waits until a worker has joined. */
  async joined({ name, told }: LabWorker, withinMs = 60_000): Promise<void> {
    const end = Date.now() + withinMs;
    while (!told.some(({ state, type }) => type === 'worker' && state === 'member')) {
      if (Date.now() > end) throw new Error(`after ${withinMs} ms ${name} has not joined`);
      await pause(20);
    }
  }

  /** Waits until no worker serves more than its share. */
  async allEven(withinMs = 120_000): Promise<void> {
    const end = Date.now() + withinMs;
    const isEven = (): boolean => {
      const counts = [...this.workers.values()].map(({ serving }) => serving.size);
      return Math.max(...counts) - Math.min(...counts) <= 1 && this.served().size === this.#options.logins;
    };
    while (!isEven()) {
      if (Date.now() > end) throw new Error(`after ${withinMs} ms the logins are not shared evenly`);
      await pause(50);
    }
  }

  /** Another server has taken the database's place. */
  async adopt(database: LocalPostgres): Promise<void> {
    const before = this.#database;
    this.#database = database;
    for (const worker of this.workers.values()) worker.database.retarget(database.port);
    await before.close();
  }

  async kill(worker: LabWorker): Promise<void> {
    this.#ending.add(worker.name);
    worker.child.kill('SIGKILL');
    await worker.gone;
  }

  async stop(worker: LabWorker): Promise<void> {
    this.#ending.add(worker.name);
    worker.child.kill('SIGTERM');
    const late = setTimeout(() => {
      this.crashes++;
      worker.child.kill('SIGKILL');
    }, LONGEST_END_MS);
    await worker.gone;
    clearTimeout(late);
  }

  /** Waits until every message is answered, or nothing happens any more; then counts what the platform's history holds. */
  async settle(withinMs = 60_000): Promise<LabTally> {
    const end = Date.now() + withinMs;
    let tally = await this.tally();
    while (tally.lost > 0 && Date.now() < end) {
      await pause(500);
      tally = await this.tally();
    }
    return tally;
  }

  async tally(): Promise<LabTally> {
    const { accountId, csdsDomain, agents } = this.simulator;
    const { password = '' } = agents.find(({ username }) => username === AUDITOR) ?? {};
    const auditor = await connectAgent({ accountId, csdsDomain, credentials: { username: AUDITOR, password } });
    const times = new Map<string, number[]>();
    const answeredMs: number[] = [];
    const answersIn = async (dialogId: string): Promise<string[]> => {
      const answers: string[] = [];
      const saidAt = new Map<string, number>();
      for (let after = -1; ; ) {
        const found = await auditor.queryMessages({ dialogId, newerThanSequence: after });
        const events = found.filter(({ sequence = -1 }) => sequence > after);
        if (events.length === 0) return answers;
        for (const { event, originatorMetadata, sequence = -1, serverTimestamp = 0 } of events) {
          after = Math.max(after, sequence);
          if (event.type !== 'ContentEvent' || typeof event.message !== 'string') continue;
          if (originatorMetadata?.role === 'CONSUMER') {
            saidAt.set(`echo: ${event.message}`, serverTimestamp);
            continue;
          }
          answers.push(event.message);
          answeredMs.push(serverTimestamp - (saidAt.get(event.message) ?? serverTimestamp));
          saidAt.delete(event.message);
          const key = keyOf({ dialogId, text: event.message });
          times.set(key, [...(times.get(key) ?? []), serverTimestamp]);
        }
      }
    };
    const trapped = new Map(this.told.filter(({ type }) => type === 'trapped').map((event) => [keyOf(event), event]));
    let beyondPromise = 0;
    // Where nothing was said there is nothing to count.
    const spoken = new Map([...this.said].filter(([, texts]) => texts.length > 0));
    const tally = await tallyOf(spoken, async (dialogId) => {
      const answers = await answersIn(dialogId);
      return answers.filter((text, i) => {
        if (answers.indexOf(text) === i || !trapped.delete(keyOf({ dialogId, text }))) return true;
        beyondPromise++;
        return false;
      });
    });
    await auditor.close();
    return { ...tally, beyondPromise, answeredMs, repeated: [...times].filter(([, at]) => at.length > 1) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.workers.values()].map((worker) => this.kill(worker)));
    await this.simulator.close();
    await this.database.close();
  }
}
