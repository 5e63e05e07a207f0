import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const WORKER = fileURLToPath(new URL('./main.js', import.meta.url));

/** The workers, each a process of its own. */
export class Crew {
  readonly #env: Record<string, string | undefined>;
  readonly #workers = new Map<string, ChildProcess>();
  #count = 0;
  #said = '';

  constructor(env: Record<string, string>) {
    this.#env = { PATH: process.env['PATH'], ...env };
  }

  /** What the workers have complained of last: that one is killed is part of the play, and no reason to show it. */
  get complaints(): string {
    return this.#said;
  }

  /** Starts one more and gives its name. */
  add(): string {
    const name = `worker-${++this.#count}`;
    const env = { ...this.#env, LP_WORKER: name };
    const child = spawn(process.execPath, [WORKER], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#said = `${this.#said}${chunk.toString()}`.slice(-4_000);
    });
    this.#workers.set(name, child);
    child.once('exit', () => this.#workers.delete(name));
    return name;
  }

  signal(name: string, signal: NodeJS.Signals): void {
    this.#workers.get(name)?.kill(signal);
  }

  /** Asks all to hand over and leave, and ends those that do not. */
  async stop(): Promise<void> {
    await Promise.all(
      [...this.#workers.values()].map(async (child) => {
        const gone = once(child, 'exit');
        child.kill('SIGCONT');
        child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
        await gone;
        clearTimeout(late);
      }),
    );
  }
}
