import { FencedError } from '@lp/core';
import type { DialogRecord } from '../engine/dialog-record.ts';
import type { Change } from '../engine/engine.ts';

/** Keeps changes; see Committer. */
export interface Commits {
  commit(change: Change): Promise<void>;
}

export interface DialogRecordsParts {
  readonly login: string;
  readonly epoch: number;
  /** What the login's owners before have left. */
  readonly records: ReadonlyMap<string, DialogRecord>;
  readonly commits: Commits;
  /** Told when a dialog is handled up to a number. */
  readonly onHandled: (dialogId: string, sequence: number) => void;
}

/**
 * The dialogs of one login while this worker has it. They are read once, when it is claimed: from then on nobody else can
 * change them, so what is in memory is what is kept. Its store is what `connectAgent` takes.
 */
export class DialogRecords {
  readonly #parts: DialogRecordsParts;
  readonly #records: Map<string, DialogRecord>;

  constructor(parts: DialogRecordsParts) {
    this.#parts = parts;
    this.#records = new Map(parts.records);
  }

  get(dialogId: string): DialogRecord | undefined {
    return this.#records.get(dialogId);
  }

  /** @throws FencedError when the revision is not the kept one's successor, or the login is another's. */
  async save(dialogId: string, record: DialogRecord): Promise<void> {
    const { commits, epoch, login, onHandled } = this.#parts;
    const before = this.#records.get(dialogId);
    if (record.revision !== (before?.revision ?? 0) + 1) {
      throw new FencedError('the dialog was handled by somebody else meanwhile: its record is newer', {
        context: { login, dialogId },
      });
    }
    this.#records.set(dialogId, record);
    try {
      await commits.commit({ login, epoch, dialogId, record });
    } catch (error) {
      // Whoever tries again does so from what is kept.
      if (this.#records.get(dialogId) === record) this.#forget(dialogId, before);
      throw error;
    }
    onHandled(dialogId, record.sequence);
  }

  async delete(dialogId: string): Promise<void> {
    const { commits, epoch, login } = this.#parts;
    if (!this.#records.delete(dialogId)) return;
    await commits.commit({ login, epoch, dialogId, record: undefined });
  }

  #forget(dialogId: string, before: DialogRecord | undefined): void {
    if (before) this.#records.set(dialogId, before);
    else this.#records.delete(dialogId);
  }
}
