import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Simulator } from '@lp/simulator';

/** Where a bot keeps its place: a file with data and positions, one with positions, or nowhere but in the READ marks. */
export type StoreKind = 'file' | 'cursors' | 'none';

/** What a bot is to be until it is killed. */
export interface Life {
  readonly kind: 'form' | 'stream';
  readonly store: StoreKind;
  readonly file: string;
  /** Whether the platform's history keeps the ids of what was said. */
  readonly metadata: boolean;
  readonly number: number;
  /** How long a response is waited for: not long where some are lost on purpose. */
  readonly requestTimeoutMs: number;
  /** The point at which it kills itself; 0 for none. */
  readonly killAt: number;
  readonly connect: Pick<Simulator['connectOptions'], 'accountId' | 'credentials' | 'csdsDomain' | 'insecure'>;
}

/** Something that a bot has told. */
export interface Told {
  readonly life: number;
  readonly words: readonly string[];
}

/** One bot at a time, each a process that ends by SIGKILL. The next one is started ahead and waits. */
export class Lives {
  readonly told: Told[] = [];
  /** What was printed to stderr, where nothing should be. */
  readonly complaints: string[] = [];
  kills = 0;
  readonly #program: string;
  #next: ChildProcess;
  #number = 0;

  constructor(program: string) {
    this.#program = program;
    this.#next = this.#spawn();
  }

  /**
   * Begins a life; gives what kills it. `online` resolves when it works, `over` when it has ended, by whoever's hand.
   */
  begin(life: Omit<Life, 'number'>): { kill: () => void; online: Promise<void>; over: Promise<void> } {
    const child = this.#next;
    this.#next = this.#spawn();
    const number = ++this.#number;
    const over = new Promise<void>((resolve) => {
      child.once('close', (code, signal) => {
        if (signal === 'SIGKILL') this.kills++;
        else this.complaints.push(`life ${number} ended by itself with ${code}`);
        resolve();
      });
    });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const works = new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        if (line === 'online') resolve();
        this.told.push({ life: number, words: line.split(' ') });
      });
    });
    child.stdin?.write(`${JSON.stringify({ ...life, number } satisfies Life)}\n`);
    return { kill: () => child.kill('SIGKILL'), online: Promise.race([works, over]), over };
  }

  /** The one that waits is not needed any more. */
  end(): void {
    this.#next.kill('SIGKILL');
  }

  #spawn(): ChildProcess {
    const child = spawn(process.execPath, [this.#program], {
      env: { PATH: process.env['PATH'] },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin?.on('error', () => undefined);
    child.stderr?.on('data', (chunk: Buffer) => this.complaints.push(chunk.toString()));
    return child;
  }
}
