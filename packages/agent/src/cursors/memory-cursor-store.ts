import { CursorMap, checkSequence } from './cursor-map.ts';
import type { CursorStore, CursorStoreOptions } from './cursor-store.ts';

/** A {@link CursorStore} that lasts as long as the process. */
export function createMemoryCursorStore(options: CursorStoreOptions = {}): Required<CursorStore> {
  const cursors = new CursorMap(options);
  return {
    get: (dialogId) => cursors.get(dialogId),
    set(dialogId, sequence) {
      checkSequence(sequence);
      cursors.set(dialogId, sequence);
    },
    delete: (dialogId) => cursors.delete(dialogId),
  };
}
