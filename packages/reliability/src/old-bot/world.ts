import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Simulator, startSimulator } from '@lp/simulator';
import { generate } from 'selfsigned';
import { type HttpResponse, WireProxy } from '../lib/wire-proxy.ts';

/** The two packages that a bot finds under the name node-agent-sdk. */
export type OldBotPackage = 'old' | 'ours';

/** What a bot does by itself about a lost connection: reconnect at once, nothing, or what the old README says. */
export type Retry = 'at once' | 'none' | 'as the README says';

const CONVERSATIONS = 3;
const BOT = 'bot@example.com';
const SHIM = resolve('packages', 'node-agent-sdk');
const FOLDERS: Readonly<Record<OldBotPackage, string>> = {
  old: join(SHIM, 'node_modules', 'node-agent-sdk'),
  ours: SHIM,
};
const RETRIES: Readonly<Record<Retry, Record<string, string>>> = {
  'at once': {},
  none: { LP_RETRY: 'none' },
  'as the README says': { LP_RETRY: join(FOLDERS.old, 'README.md') },
};
const PROGRAM = join(SHIM, 'test', 'programs', 'echo-bot.cjs');

/** A bot in the style of the old SDK's example, as a process, and a platform over TLS on which faults strike. */
export class OldBotWorld {
  readonly simulator: Simulator;
  readonly proxy: WireProxy;
  logins = 0;
  respond: (path: string) => HttpResponse | undefined = () => undefined;
  readonly #folder: string;
  readonly #program: string;
  readonly #ids: string[];
  readonly #retry: Retry;
  readonly #answers = new Map<string, number>();
  readonly #said: string[] = [];
  readonly #seen = new Set<string>();
  #queries = 0;
  #child: ChildProcess | undefined;

  private constructor(simulator: Simulator, proxy: WireProxy, folder: string, as: OldBotPackage, retry: Retry) {
    this.simulator = simulator;
    this.proxy = proxy;
    this.#folder = folder;
    this.#retry = retry;
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(FOLDERS[as], join(folder, 'node_modules', 'node-agent-sdk'));
    this.#program = join(folder, 'bot.cjs');
    copyFileSync(PROGRAM, this.#program);
    this.#ids = simulator.openConversations(CONVERSATIONS, { assignedTo: BOT });
    proxy.respond = (path) => {
      if (path.includes('/login')) this.logins++;
      return this.respond(path);
    };
    proxy.rewrite = (path, body) =>
      path.includes('baseURI.json') ? body.replaceAll(simulator.csdsDomain, proxy.host) : body;
    void this.#follow();
  }

  static async start(as: OldBotPackage, retry: Retry): Promise<OldBotWorld> {
    const simulator = await startSimulator({ agents: [{ username: BOT, password: 'password' }] });
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      algorithm: 'sha256',
      keyType: 'ec',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    const proxy = await WireProxy.start(simulator.csdsDomain, { key, cert });
    const folder = mkdtempSync(join(tmpdir(), 'lp-old-bot-'));
    writeFileSync(join(folder, 'ca.pem'), cert);
    const world = new OldBotWorld(simulator, proxy, folder, as, retry);
    world.startBot();
    return world;
  }

  get isAlive(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  startBot(): void {
    const env = {
      PATH: process.env['PATH'],
      NODE_EXTRA_CA_CERTS: join(this.#folder, 'ca.pem'),
      LP_ACCOUNT: this.simulator.accountId,
      LP_USER: BOT,
      LP_PASS: 'password',
      LP_CSDS: this.proxy.host,
      ...RETRIES[this.#retry],
    };
    this.#child = spawn(process.execPath, [this.#program], { env, stdio: 'ignore' });
  }

  /** Whether the bot has asked for each conversation. */
  get isListening(): boolean {
    return this.#queries >= CONVERSATIONS;
  }

  async restart(): Promise<void> {
    await this.#end();
    this.startBot();
  }

  /** A message in each conversation. */
  sayAll(): void {
    for (const id of this.#ids) {
      const text = `message ${this.#said.length}`;
      this.#said.push(text);
      this.simulator.sayAsConsumer(id, text);
    }
  }

  /** False when it is not so in time. */
  async until(condition: () => boolean, limitMs: number): Promise<boolean> {
    const endsAt = performance.now() + limitMs;
    while (!condition() && performance.now() < endsAt) await new Promise((resume) => setTimeout(resume, 20));
    return condition();
  }

  get lost(): number {
    return this.#said.filter((text) => !this.#answers.has(text)).length;
  }

  get twice(): number {
    return this.#said.filter((text) => (this.#answers.get(text) ?? 0) > 1).length;
  }

  get said(): number {
    return this.#said.length;
  }

  async close(): Promise<void> {
    await this.#end();
    await this.proxy.close();
    await this.simulator.close();
    rmSync(this.#folder, { recursive: true });
  }

  async #end(): Promise<void> {
    const child = this.#child;
    if (!child || !this.isAlive) return;
    const ended = new Promise((resume) => child.once('close', resume));
    child.kill('SIGKILL');
    await ended;
  }

  /** Counts what the bot says and the platform keeps. */
  async #follow(): Promise<void> {
    for await (const { direction, kind, frame, type } of this.simulator.journal) {
      if (kind === 'agent' && direction === 'in' && type === '.ams.ms.QueryMessages') this.#queries++;
      if (kind !== 'agent' || direction !== 'out' || type !== '.ams.ms.OnlineEventDistribution') continue;
      const body = frame?.body as { event: { message?: unknown }; sequence: number; dialogId: string } | undefined;
      if (body) this.#note(body.event.message, `${body.dialogId} ${body.sequence}`);
    }
  }

  #note(message: unknown, key: string): void {
    const text = typeof message === 'string' ? /^echo: (.*)$/.exec(message)?.[1] : undefined;
    if (text === undefined || this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#answers.set(text, (this.#answers.get(text) ?? 0) + 1);
  }
}
