import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileDialogStore, type DialogStore } from '@lp/agent';
import { ConfigError } from '@lp/core';
import { codeOf } from '@lp/core/internal';
import type { DialogRecords } from '../worker/dialog-records.ts';

/** Where a login's dialogs are kept while this worker has it. */
export interface LoginStore {
  /** For `connectAgent`. */
  readonly store: DialogStore;
  readonly close: () => Promise<void>;
}

/** @throws ConfigError when files cannot be kept there. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new ConfigError(`createFleet.folder cannot be used to keep files (${codeOf(error)})`);
  }
}

export interface FileSetting {
  readonly folder: string;
  readonly login: string;
  /** Told when a dialog is handled up to a number. */
  readonly onHandled: (dialogId: string, sequence: number) => void;
}

/** Without an engine: in a file for each login, in a folder that is there. */
export function openFile({ folder, login, onHandled }: FileSetting): LoginStore {
  const file = createFileDialogStore(join(folder, `${encodeURIComponent(login)}.log`));
  const store: DialogStore = {
    async load(key) {
      const record = await file.load(key);
      if (record) onHandled(key.dialogId, record.sequence);
      return record;
    },
    async save(key, record) {
      await file.save(key, record);
      onHandled(key.dialogId, record.sequence);
    },
    delete: (key) => file.delete(key),
  };
  return { store, close: () => file.close() };
}

/** At the engine, under the login's epoch. It has one agent, so whose record it is goes without saying. */
export function storeOf(records: DialogRecords): LoginStore {
  const store: DialogStore = {
    load: async ({ dialogId }) => records.get(dialogId),
    save: ({ dialogId }, record) => records.save(dialogId, record),
    delete: ({ dialogId }) => records.delete(dialogId),
  };
  return { store, close: async () => undefined };
}
