import { BoundedMap } from '@lp/core/internal';
import { keyOf, maxDialogsOf } from './cursor-store.ts';
import { checkSave, type DialogRecord, type DialogStore, type DialogStoreOptions, IN_MEMORY } from './dialog-store.ts';

/** A {@link DialogStore} that lasts as long as the process. */
export class MemoryDialogStore implements DialogStore {
  readonly [IN_MEMORY] = true;
  readonly #records: BoundedMap<string, string>;

  constructor(options: DialogStoreOptions = {}) {
    this.#records = new BoundedMap(maxDialogsOf('createMemoryDialogStore', options));
  }

  async load({ agentId, dialogId }: { agentId: string; dialogId: string }): Promise<DialogRecord | undefined> {
    return this.#kept(keyOf(dialogId, agentId));
  }

  async save({ agentId, dialogId }: { agentId: string; dialogId: string }, record: DialogRecord): Promise<void> {
    const key = keyOf(dialogId, agentId);
    checkSave(this.#kept(key), record, dialogId);
    this.#records.renew(key, JSON.stringify(record));
  }

  async delete({ agentId, dialogId }: { agentId: string; dialogId: string }): Promise<void> {
    this.#records.delete(keyOf(dialogId, agentId));
  }

  // Kept as text: what a caller does to its record afterwards changes nothing here.
  #kept(key: string): DialogRecord | undefined {
    const text = this.#records.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as DialogRecord);
  }
}

/** A {@link DialogStore} that lasts as long as the process; the default of `connectAgent`. */
export function createMemoryDialogStore(options: DialogStoreOptions = {}): DialogStore {
  return new MemoryDialogStore(options);
}
