import { BoundedMap } from './bounded-map.ts';
import { type CursorStore, type CursorStoreOptions, checkSequence, keyOf } from './cursor-store.ts';
import { IN_MEMORY } from './dialog-store.ts';

/** A {@link CursorStore} that lasts as long as the process. */
export function createMemoryCursorStore(options: CursorStoreOptions = {}): Required<CursorStore> {
  const cursors = new BoundedMap<number>(options);
  const store: Required<CursorStore> = {
    get: (dialogId, agentId) => cursors.get(keyOf(dialogId, agentId)),
    set(dialogId, sequence, agentId) {
      checkSequence(sequence);
      const key = keyOf(dialogId, agentId);
      if (sequence > (cursors.get(key) ?? -1)) cursors.set(key, sequence);
    },
    delete: (dialogId, agentId) => cursors.delete(keyOf(dialogId, agentId)),
  };
  return Object.assign(store, { [IN_MEMORY]: true });
}
