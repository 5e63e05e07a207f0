/** Where a bot's position in each dialog is kept: the number of the last event it has handled. */
export interface CursorStore {
  /** The dialog's number; undefined when there is none. */
  get(dialogId: string): Promise<number | undefined> | number | undefined;
  /** Keeps the number. One that is not above the kept one changes nothing. A durable store resolves when it is on disk. */
  set(dialogId: string, sequence: number): Promise<void> | void;
  /** Forgets the dialog; called when it has ended. */
  delete?(dialogId: string): Promise<void> | void;
}

/** A {@link CursorStore} that lasts as long as the process. */
export function createMemoryCursorStore(): Required<CursorStore> {
  const cursors = new Map<string, number>();
  return {
    get: (dialogId) => cursors.get(dialogId),
    set(dialogId, sequence) {
      if (sequence > (cursors.get(dialogId) ?? -1)) cursors.set(dialogId, sequence);
    },
    delete: (dialogId) => void cursors.delete(dialogId),
  };
}
