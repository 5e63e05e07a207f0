import { BoundedMap } from '@lp/core/internal';
import { type CursorStore, type CursorStoreOptions, checkSequence, keyOf, maxDialogsOf } from './cursor-store.ts';
import { IN_MEMORY } from './dialog-store.ts';

/** A {@link CursorStore} that lasts as long as the process. */
export function createMemoryCursorStore(options: CursorStoreOptions = {}): Required<CursorStore> {
  const cursors = new BoundedMap<string, number>(maxDialogsOf('createMemoryCursorStore', options));
  const store: Required<CursorStore> = {
    get: (dialogId, agentId) => cursors.get(keyOf(dialogId, agentId)),
    set(dialogId, sequence, agentId) {
      checkSequence(sequence);
      const key = keyOf(dialogId, agentId);
      if (sequence > (cursors.get(key) ?? -1)) cursors.renew(key, sequence);
    },
    delete: (dialogId, agentId) => void cursors.delete(keyOf(dialogId, agentId)),
  };
  return Object.assign(store, { [IN_MEMORY]: true });
}
