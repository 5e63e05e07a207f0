import type { DialogRecord } from './dialog-record.ts';
import type {
  Change,
  ChangeOutcome,
  Claim,
  FleetEngine,
  FleetRecord,
  LimitRequest,
  LoginLoad,
  LoginRecord,
  Order,
  Pulse,
  Release,
  WorkerEntry,
  WorkerRecord,
} from './engine.ts';

const LONGEST_WAIT_MS = 60_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** The place of a dialog, and the ownership that it was written under. */
export interface KeptDialog {
  /** The ownership's number. */
  readonly epoch: number;
  /** The place. */
  readonly record: DialogRecord;
}

/** What an in-process engine keeps; several engines on one of these are several workers of one fleet. */
export interface SharedMemory {
  /** Workers by name. */
  readonly workers: Map<string, Mutable<WorkerRecord>>;
  /** Logins by name. */
  readonly logins: Map<string, Mutable<LoginRecord>>;
  /** Places by login and dialog. */
  readonly dialogs: Map<string, Map<string, KeptDialog>>;
  /** Limits that all keep together. */
  readonly limits: Map<string, { nextAt: number; heldUntil: number }>;
  /** Who is told of a change. */
  readonly listeners: Set<() => void>;
}

/** Makes an empty {@link SharedMemory}. */
export function createSharedMemory(): SharedMemory {
  return { workers: new Map(), logins: new Map(), dialogs: new Map(), limits: new Map(), listeners: new Set() };
}

/**
 * An engine in this process's memory: for a fleet of one process, and for tests. Nothing outlives the process, so messages
 * that were answered before it ended are known by the platform's READ marks and the bot's own ids alone.
 */
export function memoryEngine(shared: SharedMemory = createSharedMemory()): FleetEngine {
  return new MemoryEngine(shared);
}

class MemoryEngine implements FleetEngine {
  readonly kind = 'memory';
  readonly #shared: SharedMemory;
  readonly #mine = new Set<() => void>();

  constructor(shared: SharedMemory) {
    this.#shared = shared;
  }

  async open(): Promise<void> {}

  async join({ incarnation, list, name, room, ttlMs }: WorkerEntry): Promise<void> {
    this.#shared.workers.set(incarnation, {
      incarnation,
      name,
      ttlMs,
      room,
      list,
      beat: 0,
      draining: false,
      loads: {},
    });
    this.#wake();
  }

  async beat(incarnation: string, loads: Readonly<Record<string, LoginLoad>>, list?: string): Promise<boolean> {
    const worker = this.#shared.workers.get(incarnation);
    if (!worker) return false;
    worker.beat++;
    Object.assign(worker, { loads, list });
    return true;
  }

  async pulse(): Promise<ReadonlyMap<string, Pulse>> {
    return new Map([...this.#shared.workers].map(([incarnation, { beat, ttlMs }]) => [incarnation, { beat, ttlMs }]));
  }

  async read(): Promise<FleetRecord> {
    const { workers, logins } = this.#shared;
    return {
      workers: [...workers.values()].map((row) => ({ ...row })),
      logins: [...logins.values()].map((row) => ({ ...row })),
    };
  }

  async remove(incarnation: string, beat?: number): Promise<boolean> {
    const worker = this.#shared.workers.get(incarnation);
    if (!worker || (beat !== undefined && worker.beat !== beat)) return false;
    this.#shared.workers.delete(incarnation);
    for (const row of this.#shared.logins.values()) {
      if (row.owner === incarnation) Object.assign(row, { owner: undefined, since: Date.now() });
    }
    this.#wake();
    return true;
  }

  async claim(incarnation: string, logins: readonly string[]): Promise<readonly Claim[]> {
    if (!this.#shared.workers.has(incarnation)) throw new Error('the worker is not entered');
    const claims: Claim[] = [];
    for (const login of logins) {
      const row = this.#login(login);
      if (row.owner !== undefined || row.aside !== undefined) continue;
      claims.push({ login, epoch: row.epoch + 1, clean: row.clean });
      Object.assign(row, {
        owner: incarnation,
        epoch: row.epoch + 1,
        since: Date.now(),
        clean: false,
        move: false,
        avoid: undefined,
      });
    }
    if (claims.length > 0) this.#wake();
    return claims;
  }

  async release(incarnation: string, { login, epoch, aside, avoidMe = false }: Release): Promise<boolean> {
    const row = this.#shared.logins.get(login);
    if (row?.owner !== incarnation || row.epoch !== epoch) return false;
    const avoid = avoidMe ? incarnation : undefined;
    Object.assign(row, { owner: undefined, since: Date.now(), clean: true, move: false, aside, avoid });
    this.#wake();
    return true;
  }

  async readmit(login: string): Promise<void> {
    const row = this.#shared.logins.get(login);
    if (row) row.aside = undefined;
    this.#wake();
  }

  async load(login: string): Promise<ReadonlyMap<string, DialogRecord>> {
    return new Map([...(this.#shared.dialogs.get(login) ?? [])].map(([dialogId, { record }]) => [dialogId, record]));
  }

  async commit(incarnation: string, changes: readonly Change[]): Promise<readonly ChangeOutcome[]> {
    return changes.map((change) => this.#commitOne(incarnation, change));
  }

  async limit(key: string, request: LimitRequest): Promise<number> {
    const now = Date.now();
    const row = this.#shared.limits.get(key) ?? { nextAt: 0, heldUntil: 0 };
    this.#shared.limits.set(key, row);
    const heldMs = bounded(row.heldUntil - now);
    if ('ask' in request) return heldMs;
    if ('holdMs' in request) {
      row.heldUntil = Math.max(row.heldUntil, now + bounded(request.holdMs));
      return bounded(row.heldUntil - now);
    }
    const turnAt = now + Math.max(heldMs, bounded(row.nextAt - now));
    row.nextAt = turnAt + request.turnEveryMs;
    return turnAt - now;
  }

  async order(order: Order): Promise<boolean> {
    const found =
      'drain' in order
        ? [...this.#shared.workers.values()].filter(
            ({ incarnation, name }) => name === order.drain || incarnation === order.drain,
          )
        : [...this.#shared.logins.values()].filter(({ login }) => login === order.move);
    for (const row of found)
      Object.assign(row, 'drain' in order ? { draining: true } : { move: true, aside: undefined });
    this.#wake();
    return found.length > 0;
  }

  onWake(listener: () => void): () => void {
    this.#mine.add(listener);
    this.#shared.listeners.add(listener);
    return () => {
      this.#mine.delete(listener);
      this.#shared.listeners.delete(listener);
    };
  }

  async close(): Promise<void> {
    for (const listener of this.#mine) this.#shared.listeners.delete(listener);
  }

  #commitOne(incarnation: string, { login, epoch, dialogId, record }: Change): ChangeOutcome {
    const row = this.#shared.logins.get(login);
    if (row?.owner !== incarnation || row.epoch !== epoch) return 'stale';
    const dialogs = this.#shared.dialogs.get(login) ?? new Map<string, KeptDialog>();
    this.#shared.dialogs.set(login, dialogs);
    const kept = dialogs.get(dialogId);
    if (record === undefined) dialogs.delete(dialogId);
    else if (kept && !isNewer(record, epoch, kept)) return 'stale';
    else dialogs.set(dialogId, { epoch, record });
    return 'kept';
  }

  #login(login: string): Mutable<LoginRecord> {
    let row = this.#shared.logins.get(login);
    if (!row) {
      row = {
        login,
        owner: undefined,
        epoch: 0,
        since: Date.now(),
        clean: true,
        aside: undefined,
        move: false,
        avoid: undefined,
      };
      this.#shared.logins.set(login, row);
    }
    return row;
  }

  #wake(): void {
    for (const listener of this.#shared.listeners) queueMicrotask(listener);
  }
}

/** The same revision under the same epoch is a repetition of a call whose outcome was unknown. */
function isNewer(record: DialogRecord, epoch: number, kept: KeptDialog): boolean {
  if (record.revision === kept.record.revision) return epoch === kept.epoch;
  return record.revision > kept.record.revision;
}

const bounded = (ms: number): number => Math.min(LONGEST_WAIT_MS, Math.max(0, ms));
