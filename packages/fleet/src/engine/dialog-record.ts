/** What is kept of one dialog, in one row: how far it is handled, and what the bot remembers of it. */
export interface DialogRecord {
  readonly revision: number;
  readonly sequence: number;
  readonly ahead: readonly number[];
  readonly said: number;
  readonly attempts: number;
  readonly data: Readonly<Record<string, { readonly version: number; readonly value: unknown }>>;
}
