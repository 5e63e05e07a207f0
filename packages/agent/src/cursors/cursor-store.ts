/** Where a bot's position in each dialog is kept: the number of the last event it has handled. */
export interface CursorStore {
  /** The dialog's number; undefined when there is none. */
  get(dialogId: string): Promise<number | undefined> | number | undefined;
  /** Keeps the number. One that is not above the kept one changes nothing. A durable store resolves when it is on disk. */
  set(dialogId: string, sequence: number): Promise<void> | void;
  /** Forgets the dialog, when it will not be asked for again. */
  delete?(dialogId: string): Promise<void> | void;
}

/** What bounds a store. */
export interface CursorStoreOptions {
  /** Dialogs kept, 100,000 by default. Beyond that, the one that was set longest ago is forgotten. */
  maxDialogs?: number | undefined;
}
