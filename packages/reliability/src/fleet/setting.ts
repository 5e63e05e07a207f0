/** A defence of the fleet that can be switched off, to see that it is needed. */
export type Defence = 'gate' | 'fence' | 'burial' | 'lookUp' | 'limiter';

/** What a worker's process is started with. */
export interface WorkerSetting {
  readonly name: string;
  readonly database: string;
  readonly accountId: string;
  readonly csdsDomain: string;
  /** Where the sockets go instead of to the platform itself. */
  readonly socketHost?: string;
  readonly logins: readonly { readonly username: string; readonly password: string }[];
  readonly ttlMs: number;
  /** Logins of the whole fleet in a second; default 1,000. */
  readonly loginsPerSecond?: number;
  /** Default `postgres`. `memory`: cursors in memory, to compare with. */
  readonly engine?: 'postgres' | 'memory';
  /** Whether the bot marks each message as read itself, before it asks for the next; default true. */
  readonly marks?: boolean;
  /** Which defence is switched off. */
  readonly broken?: Defence;
}

/** What a worker's process is told while it runs, as a line of JSON: changes to its clocks, or where it is to freeze. */
export type WorkerOrder =
  /** Its wall clock is set on, or back. */
  | { readonly wallMs: number }
  /** From now on a clock does not count pauses of the process, as in a guest that is suspended. */
  | { readonly pauseless: 'monotonic' | 'wall' }
  /** Its event loop does nothing for so long, as with a handler that computes. */
  | { readonly blockMs: number }
  /** Its next answer is kept between the gate and the system call that writes: the process stops itself there. */
  | { readonly freezeAtWrite: true };
