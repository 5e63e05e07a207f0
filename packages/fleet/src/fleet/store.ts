import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type AgentOptions, type CursorStore, createFileCursorStore } from '@lp/agent';
import type { FleetEngine } from '../engine/engine.ts';
import { type DialogRecords, movedTo } from '../worker/dialog-records.ts';

/** Where a login's dialogs are kept while this worker has it. */
export interface LoginStore {
  /** For `connectAgent`. */
  readonly options: Pick<AgentOptions, 'cursors'>;
  close(): Promise<void>;
}

export interface StoreSetting {
  /** Undefined: this process alone. */
  readonly engine: FleetEngine | undefined;
  readonly folder: string;
  readonly login: string;
  readonly records: DialogRecords;
}

/** At the engine, under the login's epoch; or without one, in a file. */
export function createStore({ engine, folder, login, records }: StoreSetting): LoginStore {
  if (engine) return { options: { cursors: cursorsOf(records) }, close: async () => undefined };
  const made = mkdir(folder, { recursive: true, mode: 0o700 });
  const file = createFileCursorStore(join(folder, `${encodeURIComponent(login)}.log`));
  const cursors: CursorStore = {
    get: async (dialogId) => {
      await made;
      return await file.get(dialogId);
    },
    set: (dialogId, sequence) => file.set(dialogId, sequence),
    delete: (dialogId) => file.delete(dialogId),
  };
  return { options: { cursors }, close: () => file.close() };
}

function cursorsOf(records: DialogRecords): CursorStore {
  return {
    get: (dialogId) => records.get(dialogId)?.sequence,
    async set(dialogId, sequence) {
      const before = records.get(dialogId);
      if (sequence > (before?.sequence ?? -1)) await records.save(dialogId, movedTo(before, sequence));
    },
    delete: (dialogId) => records.delete(dialogId),
  };
}
