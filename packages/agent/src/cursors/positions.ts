import { type Clock, ConfigError, FencedError, LpError } from '@lp/core';
import type { CursorStore } from './cursor-store.ts';
import { type DialogRecord, type DialogStore, IN_MEMORY } from './dialog-store.ts';
import { MemoryDialogStore } from './memory-dialog-store.ts';
import { createStoreCalls, type StoreCall } from './store-calls.ts';
import { toRecord, toWhole } from './stored-record.ts';

// A store is asked for it at connect, to see that it responds at all.
const PROBE = 'connect-check';

/** One agent's view on its store. Every call is bounded in time. */
export interface Positions {
  /** False when nothing of it outlives the process. */
  readonly lasts: boolean;
  /** Whether the store keeps the sequence alone. */
  readonly positionOnly: boolean;
  /** @throws ConfigError when the store cannot be used. */
  check(): Promise<void>;
  load(dialogId: string): Promise<DialogRecord | undefined>;
  save(dialogId: string, record: DialogRecord): Promise<void>;
  /** As `save`, where that needs no waiting: done when it returns. @throws what `save` rejects with. */
  readonly saveNow?: ((dialogId: string, record: DialogRecord) => void) | undefined;
  delete(dialogId: string): Promise<void>;
  /** Tells that another process has gone on: who saves finds that out, for a refusal may have another reason. */
  fenced(error: unknown): void;
}

/** What {@link createPositions} takes: one of the stores, or none for one in memory. */
export interface PositionOptions {
  readonly store?: DialogStore | undefined;
  readonly cursors?: CursorStore | undefined;
  readonly clock: Clock;
  /** Told how each call ended, a response that came late included, and that another process has gone on. */
  readonly health?: { worked(): void; failed(): void; fenced(error: unknown): void } | undefined;
  /** Who this agent is; asked when a store is called first. */
  readonly agentId: () => string;
}

/** @throws ConfigError when both stores are given. */
export function createPositions({ store, cursors, clock, agentId, health }: PositionOptions): Positions {
  if (store && cursors) throw new ConfigError('connectAgent: give either store or cursors, not both');
  const used = store ?? (cursors ? storeOf(cursors) : new MemoryDialogStore());
  let id: string | undefined;
  // Not another one later: a record kept under one id would not be found under the other.
  const keyOf = (dialogId: string) => {
    id ??= agentId();
    return { agentId: id, dialogId };
  };
  const isInMemory = IN_MEMORY in (cursors ?? used);
  // One in memory cannot hang, and is asked at each message: a timer would cost more than all it does.
  const inTime: StoreCall = isInMemory ? (_, call) => call() : createStoreCalls(clock);
  async function bounded<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await inTime(what, async () => {
        const result = await call();
        // Also when nobody waits for it any more: the store works.
        health?.worked();
        return result;
      });
    } catch (error) {
      health?.failed();
      if (what !== 'save' && isFenced(error)) health?.fenced(error);
      throw error;
    }
  }
  const load = (dialogId: string) => bounded('load', async () => toRecord(await used.load(keyOf(dialogId))));
  const saveNow = (store: MemoryDialogStore) => (dialogId: string, record: DialogRecord) => {
    try {
      store.saveNow(keyOf(dialogId), record);
    } catch (error) {
      health?.failed();
      throw error;
    }
  };
  return {
    lasts: !isInMemory,
    positionOnly: cursors !== undefined,
    async check() {
      try {
        await load(PROBE);
      } catch (error) {
        const option = cursors ? 'cursors' : 'store';
        throw new ConfigError(`the store given as ${option} cannot be used: ${describe(error)}`, { cause: error });
      }
    },
    load,
    saveNow: savesNow(used) ? saveNow(used) : undefined,
    save: (dialogId, record) => bounded('save', () => used.save(keyOf(dialogId), record)),
    delete: (dialogId) => bounded('delete', () => used.delete(keyOf(dialogId))),
    fenced: (error) => health?.fenced(error),
  };
}

/** Whether a store is ours in memory, with nobody's own `save` put in its place. */
function savesNow(store: DialogStore): store is MemoryDialogStore {
  return store instanceof MemoryDialogStore && store.save === MemoryDialogStore.prototype.save;
}

/** A store of positions as one of records that hold nothing else. */
function storeOf(cursors: CursorStore): DialogStore {
  return {
    async load({ agentId, dialogId }) {
      const sequence = await cursors.get(dialogId, agentId);
      if (sequence === undefined) return undefined;
      const place = toWhole('sequence', sequence, 0);
      return { revision: 1, sequence: place, ahead: [], said: -1, attempts: 0, data: {} };
    },
    async save({ agentId, dialogId }, { sequence }) {
      if (sequence >= 0) await cursors.set(dialogId, sequence, agentId);
    },
    async delete({ agentId, dialogId }) {
      await cursors.delete?.(dialogId, agentId);
    },
  };
}

/** What a person needs to know of a store's failure; not what it was about to keep. */
function describe(error: unknown): string {
  if (LpError.isInstance(error)) return error.message;
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (code === 'ENOENT') return 'its folder does not exist (ENOENT): create it, or mount it';
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return `it cannot be written to (${code})`;
  return typeof code === 'string' ? code : typeof name === 'string' ? `it failed with ${name}` : 'it failed';
}

/** Whether an error says that another process has gone on in this one's place. */
export function isFenced(error: unknown): boolean {
  return FencedError.isInstance(error) || (error as { code?: unknown } | null | undefined)?.code === 'FENCED';
}
