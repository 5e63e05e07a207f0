import { BoundedMap } from '@lp/core/internal';
import { keyOf, maxDialogsOf } from './cursor-store.ts';
import { checkSave, type DialogRecord, type DialogStore, type DialogStoreOptions, IN_MEMORY } from './dialog-store.ts';

/** A record as text: what a caller does to its own afterwards changes nothing here. */
interface Kept {
  readonly revision: number;
  readonly text: string;
}

/** A {@link DialogStore} that lasts as long as the process. */
export class MemoryDialogStore implements DialogStore {
  readonly [IN_MEMORY] = true;
  readonly #records: BoundedMap<string, Kept>;

  constructor(options: DialogStoreOptions = {}) {
    this.#records = new BoundedMap(maxDialogsOf('createMemoryDialogStore', options));
  }

  async load({ agentId, dialogId }: { agentId: string; dialogId: string }): Promise<DialogRecord | undefined> {
    const kept = this.#records.get(keyOf(dialogId, agentId));
    return kept && (JSON.parse(kept.text) as DialogRecord);
  }

  async save({ agentId, dialogId }: { agentId: string; dialogId: string }, record: DialogRecord): Promise<void> {
    const key = keyOf(dialogId, agentId);
    checkSave(this.#records.get(key), record, dialogId);
    this.#records.renew(key, { revision: record.revision, text: JSON.stringify(record) });
  }

  async delete({ agentId, dialogId }: { agentId: string; dialogId: string }): Promise<void> {
    this.#records.delete(keyOf(dialogId, agentId));
  }
}

/** A {@link DialogStore} that lasts as long as the process; the default of `connectAgent`. */
export function createMemoryDialogStore(options: DialogStoreOptions = {}): DialogStore {
  return new MemoryDialogStore(options);
}
