import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileDialogStore, type DialogStore } from '@lp/agent';
import type { DialogRecords } from '../worker/dialog-records.ts';

/** Where a login's dialogs are kept while this worker has it. */
export interface LoginStore {
  /** For `connectAgent`. */
  readonly store: DialogStore;
  readonly close: () => Promise<void>;
}

export interface StoreSetting {
  /** At the engine; undefined: this process alone. */
  readonly records: DialogRecords | undefined;
  readonly folder: string;
  readonly login: string;
}

/** At the engine, under the login's epoch; or without one, in a file. */
export async function openStore({ folder, login, records }: StoreSetting): Promise<LoginStore> {
  if (records) return { store: storeOf(records), close: async () => undefined };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const store = createFileDialogStore(join(folder, `${encodeURIComponent(login)}.log`));
  return { store, close: () => store.close() };
}

/** The login has one agent, so whose record it is goes without saying. */
function storeOf(records: DialogRecords): DialogStore {
  return {
    load: async ({ dialogId }) => records.get(dialogId),
    save: ({ dialogId }, record) => records.save(dialogId, record),
    delete: ({ dialogId }) => records.delete(dialogId),
  };
}
