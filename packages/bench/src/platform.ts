import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generate } from 'selfsigned';
import type { Report, SubjectName, Work } from './client/main.ts';
import type { Task } from './client/tasks.ts';
import type { Command, Counts } from './server/commands.ts';

const LONGEST_RUN_MS = 240_000;
const FIRST_CORE = '0';
const ALL_CORES = `0-${cpus().length - 1}`;

/** How a client is run. */
export interface RunOptions {
  /** The runtime; default this one. */
  readonly node?: string | undefined;
  readonly nodeOptions?: readonly string[] | undefined;
  /** Client and server share one core, where the system can do that. */
  readonly oneCore?: boolean | undefined;
  /** As how many users it logs in; default 1. */
  readonly users?: number | undefined;
}

const script = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The server's process, and clients that are run against it one at a time. */
export class Platform implements AsyncDisposable {
  readonly #server: ChildProcess;
  readonly #folder: string;
  readonly #port: number;
  #relay: (message: { id: number; result: Counts | undefined }) => void = () => undefined;

  private constructor(server: ChildProcess, folder: string, port: number) {
    this.#server = server;
    this.#folder = folder;
    this.#port = port;
    server.on('message', (message: { id: number; result: Counts | undefined }) => this.#relay(message));
  }

  static async start(): Promise<Platform> {
    const folder = mkdtempSync(join(tmpdir(), 'lp-bench-'));
    const { certificate, key } = await createCertificate();
    writeFileSync(join(folder, 'cert.pem'), certificate);
    writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
    const server = fork(script('./server/main.js'), [join(folder, 'key.pem'), join(folder, 'cert.pem')]);
    const [{ port }] = (await once(server, 'message')) as [{ port: number }];
    return new Platform(server, folder, port);
  }

  /** Runs one subject through its tasks in a process of its own. Rejects when it fails or takes too long. */
  async run(subject: SubjectName, tasks: readonly Task[], how: RunOptions = {}): Promise<Report> {
    const { node = process.execPath, nodeOptions = [], oneCore = false, users = 1 } = how;
    const pinned = oneCore && this.#pin(FIRST_CORE);
    const work: Work = { users, tasks };
    const client = fork(script('./client/main.js'), [subject, String(this.#port), JSON.stringify(work)], {
      ...(pinned
        ? { execPath: 'taskset', execArgv: ['-c', FIRST_CORE, node, ...nodeOptions] }
        : { execPath: node, execArgv: [...nodeOptions] }),
      env: { ...process.env, NODE_EXTRA_CA_CERTS: join(this.#folder, 'cert.pem') },
    });
    const timer = setTimeout(() => client.kill('SIGKILL'), LONGEST_RUN_MS);
    this.#relay = (message) => {
      if (client.connected) client.send(message);
    };
    let report: Report | undefined;
    client.on('message', (message: { report?: Report; id: number; command: Command }) => {
      if (message.report) report = message.report;
      else this.#server.send(message);
    });
    const [code, signal] = (await once(client, 'exit')) as [number | null, string | null];
    clearTimeout(timer);
    if (pinned) this.#pin(ALL_CORES);
    if (!report) throw new Error(`${subject} ended with ${code ?? signal} in ${tasks.map(({ task }) => task).join()}`);
    return report;
  }

  /** Has the server run on these cores only. False where the system has no way to do that. */
  #pin(cores: string): boolean {
    return spawnSync('taskset', ['-a', '-p', '-c', cores, String(this.#server.pid)]).status === 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#server, 'exit');
    this.#server.disconnect();
    await exited;
    rmSync(this.#folder, { recursive: true });
  }
}

/** A certificate for this machine that is its own authority. */
async function createCertificate(): Promise<{ certificate: string; key: string }> {
  const names = [
    { type: 2, value: 'localhost' },
    { type: 7, ip: '127.0.0.1' },
  ] as const;
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'subjectAltName', altNames: [...names] },
    ],
  });
  return { certificate: cert, key };
}
