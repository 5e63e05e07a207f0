import { ConfigError, type LoggerOption } from '@lp/core';
import { optionsChecker } from '@lp/core/internal';

const DEFAULT_MAX_DIALOGS = 100_000;

/**
 * Where a bot's position in each dialog is kept: the number of the last event it has handled. `agentId` says whose
 * position it is: two logins in one dialog keep apart, and a store that several logins share must tell them apart.
 */
export interface CursorStore {
  /** The dialog's number; undefined when there is none. */
  get(dialogId: string, agentId?: string): Promise<number | undefined> | number | undefined;
  /** Keeps the number. One that is not above the kept one changes nothing. A durable store resolves when it is on disk. */
  set(dialogId: string, sequence: number, agentId?: string): Promise<void> | void;
  /** Forgets the dialog, when it will not be asked for again. */
  delete?(dialogId: string, agentId?: string): Promise<void> | void;
}

/** What bounds a store. */
export interface CursorStoreOptions {
  /** How many dialogs are kept. Beyond that, the one that was set longest ago is forgotten. Default 100,000. */
  maxDialogs?: number | undefined;
}

/** How many dialogs a store keeps; `logs`: it takes a logger. @throws ConfigError for options that cannot be. */
export function maxDialogsOf(
  maker: string,
  options: CursorStoreOptions & { logger?: LoggerOption },
  { logs = false } = {},
): number {
  const check = optionsChecker(options, maker);
  check.counts(['maxDialogs']);
  if (logs) check.loggers(['logger']);
  check.nothingElse();
  return options.maxDialogs ?? DEFAULT_MAX_DIALOGS;
}

/** As a variable that is not set gives it, a path would be found wrong when the store is opened, or never. @throws ConfigError */
export function checkPath(maker: string, path: unknown): asserts path is string {
  optionsChecker({ path }, maker).texts(['path'], { required: true });
}

/** One name for a login's place in a dialog. */
export function keyOf(dialogId: string, agentId: string | undefined): string {
  return agentId === undefined ? dialogId : `${agentId} ${dialogId}`;
}

/** @throws ConfigError for what cannot be the number of an event. */
export function checkSequence(sequence: number): void {
  if (!Number.isSafeInteger(sequence) || sequence < 0) {
    throw new ConfigError('a cursor must be the sequence number of an event: a whole number of at least 0');
  }
}
