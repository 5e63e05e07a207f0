import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generate } from 'selfsigned';
import type { Report, SubjectName } from './client/main.ts';
import type { Task } from './client/tasks.ts';
import type { Command, Counts } from './server/commands.ts';

const LONGEST_RUN_MS = 120_000;

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
  async run(subject: SubjectName, tasks: readonly Task[], nodeOptions: readonly string[] = []): Promise<Report> {
    const client = fork(script('./client/main.js'), [subject, String(this.#port), JSON.stringify(tasks)], {
      execArgv: [...nodeOptions],
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
    if (!report) throw new Error(`${subject} ended with ${code ?? signal} in ${tasks.map(({ task }) => task).join()}`);
    return report;
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
