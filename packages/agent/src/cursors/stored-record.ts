import { ConfigError } from '@lp/core';
import type { DialogRecord } from './dialog-store.ts';

/**
 * What a store gave for a dialog, as a record. Drivers of databases give large numbers as text or as a bigint: both are
 * taken. @throws ConfigError for what is no record: a field that is taken as it comes would leave a dialog unread.
 */
export function toRecord(given: unknown): DialogRecord | undefined {
  if (given === undefined) return undefined;
  const { ahead, attempts, data, revision, said, sequence } = toObject('a record', given);
  if (!Array.isArray(ahead)) throw unusable('ahead', 'an array of sequence numbers');
  return {
    revision: toWhole('revision', revision, 1),
    sequence: toWhole('sequence', sequence, -1),
    ahead: ahead.map((one) => toWhole('ahead', one, 0)),
    said: toWhole('said', said, -1),
    attempts: toWhole('attempts', attempts, 0),
    data: toData(data),
  };
}

/** A whole number that a store gave, as a number, as text or as a bigint. @throws ConfigError for anything else. */
export function toWhole(field: string, given: unknown, least: number): number {
  const isWritten = typeof given === 'bigint' || (typeof given === 'string' && /^-?\d+$/.test(given));
  const value = isWritten ? Number(given) : given;
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  throw unusable(field, `a whole number of at least ${least}`);
}

function toData(given: unknown): DialogRecord['data'] {
  const entries = Object.entries(toObject('data', given)).map(([name, one]) => {
    const { value, version } = toObject('data', one);
    return [name, { version: toWhole('version', version, 0), value }] as const;
  });
  return Object.fromEntries(entries);
}

function toObject(what: string, given: unknown): Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw unusable(what, 'an object');
  return given as Readonly<Record<string, unknown>>;
}

function unusable(field: string, due: string): ConfigError {
  return new ConfigError(
    `the cursor store gave something that is not what was kept: ${field} must be ${due}; for what it does not know it gives undefined`,
  );
}
