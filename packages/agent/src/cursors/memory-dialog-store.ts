import { BoundedMap } from '@lp/core/internal';
import { keyOf, maxDialogsOf } from './cursor-store.ts';
import {
  checkSave,
  type DialogKey,
  type DialogRecord,
  type DialogStore,
  type DialogStoreOptions,
  IN_MEMORY,
} from './dialog-store.ts';

/** A record, with what a caller could change afterwards as text; nothing where there is nothing, as for most dialogs. */
type Kept = {
  -readonly [field in Exclude<keyof DialogRecord, 'ahead' | 'data'>]: DialogRecord[field];
} & { rest: string | undefined };

/** A {@link DialogStore} that lasts as long as the process. */
export class MemoryDialogStore implements DialogStore {
  readonly [IN_MEMORY] = true;
  readonly #records: BoundedMap<string, Kept>;
  #firstAgentId: string | undefined;

  constructor(options: DialogStoreOptions = {}) {
    this.#records = new BoundedMap(maxDialogsOf('createMemoryDialogStore', options));
  }

  async load(place: DialogKey): Promise<DialogRecord | undefined> {
    const kept = this.#records.get(this.#keyOf(place));
    if (!kept) return undefined;
    const { rest, ...record } = kept;
    const parsed = rest === undefined ? {} : (JSON.parse(rest) as Pick<DialogRecord, 'ahead' | 'data'>);
    return { ...record, ahead: [], data: {}, ...parsed };
  }

  async save(key: DialogKey, record: DialogRecord): Promise<void> {
    this.saveNow(key, record);
  }

  /** As `save`, done when it returns. @throws what `save` rejects with. */
  saveNow(place: DialogKey, record: DialogRecord): void {
    const key = this.#keyOf(place);
    const kept = this.#records.get(key);
    checkSave(kept, record, place.dialogId);
    const { ahead, attempts, data, revision, said, sequence } = record;
    const isPlain = ahead.length === 0 && Object.keys(data).length === 0;
    const rest = isPlain ? undefined : JSON.stringify({ ahead, data });
    if (!kept) {
      this.#records.renew(key, { revision, sequence, said, attempts, rest });
      return;
    }
    // Written over, and key by key: a record for each message would be garbage that has grown old.
    kept.revision = revision;
    kept.sequence = sequence;
    kept.said = said;
    kept.attempts = attempts;
    kept.rest = rest;
    this.#records.renew(key, kept);
  }

  async delete(place: DialogKey): Promise<void> {
    this.#records.delete(this.#keyOf(place));
  }

  /** Most stores have one agent: its dialogs go by their own ids, which are there already; a text for each would not be. */
  #keyOf({ agentId, dialogId }: DialogKey): string {
    this.#firstAgentId ??= agentId;
    return agentId === this.#firstAgentId ? dialogId : keyOf(dialogId, agentId);
  }
}

/** A {@link DialogStore} that lasts as long as the process; the default of `connectAgent`. */
export function createMemoryDialogStore(options: DialogStoreOptions = {}): DialogStore {
  return new MemoryDialogStore(options);
}
