import { ConfigError, FencedError } from '@lp/core';
import { checkSequence } from './cursor-store.ts';

/** Whose record of which dialog. Two logins in one dialog keep apart. */
export interface DialogKey {
  /** The agent whose place it is. */
  readonly agentId: string;
  /** The dialog in which it is. */
  readonly dialogId: string;
}

/** What a bot keeps of a dialog. */
export interface DialogRecord {
  /** One more at each save; the first is 1. */
  readonly revision: number;
  /** All messages up to this one are handled; -1 before the first. */
  readonly sequence: number;
  /** Messages handled beyond one that is still open, at most 64. */
  readonly ahead: readonly number[];
  /** The last own event when a message had been handled; -1 before the first. */
  readonly said: number;
  /** How often the message after `sequence` was begun by a process that did not finish it. */
  readonly attempts: number;
  /** What the bot remembers, by name. */
  readonly data: Readonly<Record<string, { readonly version: number; readonly value: unknown }>>;
}

/**
 * Where a bot keeps its place in each dialog, and what it remembers there. Every call is bounded by the agent: one that
 * hangs is told and does not make a dialog deaf.
 */
export interface DialogStore {
  /** The dialog's record; undefined when there is none. */
  load(key: DialogKey): Promise<DialogRecord | undefined>;
  /**
   * Keeps the record, all or nothing. Its revision must be the kept one + 1 (1 when none is kept), else it rejects with
   * a FencedError: another process has gone on with the dialog. Where `load` then finds nothing, the record had only been
   * forgotten, and is saved anew with revision 1.
   */
  save(key: DialogKey, record: DialogRecord): Promise<void>;
  /** Forgets the dialog. */
  delete(key: DialogKey): Promise<void>;
}

/** Marks a store whose content ends with the process; the same in every copy of this package. */
export const IN_MEMORY: unique symbol = Symbol.for('@lp/agent/in-memory') as never;

/** What bounds a store of records. */
export interface DialogStoreOptions {
  /** How many dialogs are kept. Beyond that, the one that was saved longest ago is forgotten. Default 100,000. */
  maxDialogs?: number | undefined;
}

/** @throws FencedError unless the record follows the kept one. @throws ConfigError for what is not a record. */
export function checkSave(
  kept: Pick<DialogRecord, 'revision'> | undefined,
  record: DialogRecord,
  dialogId: string,
): void {
  if (record.sequence !== -1) checkSequence(record.sequence);
  if (!Number.isSafeInteger(record.revision) || record.revision < 1) {
    throw new ConfigError('a record must have a revision: a whole number of at least 1');
  }
  if (record.revision === (kept?.revision ?? 0) + 1) return;
  throw new FencedError(`another process has gone on with dialog ${dialogId}: its record is not as this one left it`, {
    context: { dialogId },
  });
}
