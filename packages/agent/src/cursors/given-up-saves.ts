import type { DialogRecord } from './dialog-store.ts';

// Of one dialog, while a store does not respond; most of them share their data, and take little room.
const MOST = 256;

/**
 * The saves of a dialog that have failed, or were not waited for any longer. A store that was slow may carry one out
 * after the next was asked for: what it keeps then is this process's own, told by all that the record holds.
 */
export class GivenUpSaves {
  #records: readonly DialogRecord[] = [];

  note(record: DialogRecord): void {
    this.#records = [...this.#records.slice(1 - MOST), record];
  }

  /** Whether one of them has written what is kept; it is not asked for again. */
  take(kept: DialogRecord): boolean {
    const same = this.#records.find((record) => record.revision === kept.revision && isSame(record, kept));
    this.#records = this.#records.filter((record) => record !== same);
    return same !== undefined;
  }
}

/** Whether two records hold the same; a database may have put what is in them in another order. */
function isSame(one: DialogRecord, other: DialogRecord): boolean {
  return canonical(one) === canonical(other);
}

function canonical({ ahead, ...rest }: DialogRecord): string {
  const sorted = { ...rest, ahead: [...ahead].sort((a, b) => a - b) };
  return JSON.stringify(sorted, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
