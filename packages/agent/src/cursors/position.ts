import { FencedError } from '@lp/core';
import type { DialogRecord } from './dialog-store.ts';
import { GivenUpSaves } from './given-up-saves.ts';
import { isFenced, type Positions } from './positions.ts';

const MOST_AHEAD = 64;
const NOTHING_AHEAD: readonly number[] = Object.freeze([]);
const UNKNOWN: DialogRecord = { revision: 0, sequence: -1, ahead: [], said: -1, attempts: 0, data: {} };

/** A bot's place in one dialog: what is handled, and the writing of that, one save at a time. */
export class Position {
  /** Whether the store knew the dialog when it was opened. */
  readonly known: boolean;
  /** How often the message after this place was begun and not finished. */
  attempts: number;
  /** The last own event when a message had been handled; -1 when nothing is known of it. */
  said: number;
  data: DialogRecord['data'];
  readonly #positions: Positions;
  readonly #dialogId: string;
  #ahead: Set<number> | undefined;
  #sequence: number;
  #revision: number;
  #doubtful = false;
  /** Whether it is not known yet what the store kept at first: that may be any record. */
  #unread: boolean;
  #saving: Promise<void> | undefined;
  /** Made when a save has failed. */
  #givenUp: GivenUpSaves | undefined;
  /** A FencedError that is not believed yet: the store may only have forgotten the dialog. */
  #suspicion: unknown;
  #fenced: unknown;

  constructor(
    positions: Positions,
    dialogId: string,
    record: DialogRecord | undefined,
    options: { unread?: boolean } = {},
  ) {
    const { ahead, attempts, data, revision, said, sequence } = record ?? UNKNOWN;
    this.known = record !== undefined;
    this.attempts = attempts;
    this.said = said;
    this.data = data;
    this.#positions = positions;
    this.#dialogId = dialogId;
    if (ahead.length > 0) this.#ahead = new Set(ahead);
    this.#sequence = sequence;
    this.#revision = revision;
    // The store could not be read: what it keeps is found out before the first save.
    this.#unread = options.unread === true;
    this.#doubtful = this.#unread;
  }

  /** Whether what the store keeps could not be read yet. */
  get unread(): boolean {
    return this.#unread;
  }

  /** All messages up to this one are handled. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Whether messages beyond an open one are handled. */
  get hasAhead(): boolean {
    return this.#ahead !== undefined;
  }

  isHandled(sequence: number): boolean {
    return sequence <= this.#sequence || this.#ahead?.has(sequence) === true;
  }

  /** Everything up to this message is handled. */
  moveTo(sequence: number): void {
    if (sequence <= this.#sequence) return;
    this.#sequence = sequence;
    this.attempts = 0;
    for (const taken of this.#ahead ?? []) if (taken <= sequence) this.#ahead?.delete(taken);
  }

  /** Begins at another place, when what was kept cannot be right. */
  resetTo(sequence: number): void {
    this.#sequence = sequence;
    this.#ahead = undefined;
  }

  /** Whether more lies ahead than a record may hold: the earlier message has to be handled before the place is kept. */
  get overfull(): boolean {
    return (this.#ahead?.size ?? 0) > MOST_AHEAD;
  }

  /** A message beyond one that is still open is handled. */
  takeAhead(sequence: number): void {
    if (this.isHandled(sequence)) return;
    this.#ahead ??= new Set();
    this.#ahead.add(sequence);
  }

  /** What was handled ahead and lies below `open`, the next message that is not handled, is ahead no more. */
  closeUp(open: number): void {
    const reached = [...(this.#ahead ?? [])].filter((sequence) => sequence < open);
    if (reached.length > 0) this.moveTo(Math.max(...reached));
  }

  /**
   * Keeps the place; undefined when that is done already, as with a store in memory. Rejects with a FencedError when
   * another process has gone on here, and with what went wrong else: the next save then finds out what is kept. A record
   * that the store has forgotten is written anew.
   */
  save(): Promise<void> | undefined {
    if (this.#fenced !== undefined) return Promise.reject(this.#fenced);
    const { saveNow } = this.#positions;
    if (saveNow && !this.#doubtful && !this.#saving) {
      const record = this.#record();
      try {
        saveNow(this.#dialogId, record);
        this.#revision = record.revision;
        return undefined;
      } catch (error) {
        if (!this.#suspects(error)) return Promise.reject(this.#failed(error));
      }
    }
    this.#saving = this.#saving ? this.#saving.catch(() => undefined).then(() => this.#write()) : this.#write();
    return this.#saving;
  }

  /** Reads what could not be read at first, and takes it over. Rejects as `save` does. */
  async read(): Promise<void> {
    await this.#saving?.catch(() => undefined);
    try {
      if (this.#unread) await this.#findRevision();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Lets go of the dialog's record: it will not be asked for again. */
  async forget(): Promise<void> {
    await this.#saving?.catch(() => undefined);
    await this.#positions.delete(this.#dialogId);
  }

  async #write(): Promise<void> {
    try {
      if (this.#doubtful) await this.#findRevision();
      while (!(await this.#keep())) await this.#findRevision();
      this.#doubtful = false;
      // Whatever they might still do comes too late: the store keeps a later record.
      this.#givenUp = undefined;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** False when what is kept has to be found out first. */
  async #keep(): Promise<boolean> {
    const record = this.#record();
    try {
      await this.#positions.save(this.#dialogId, record);
    } catch (error) {
      if (this.#suspects(error)) return false;
      this.#givenUp ??= new GivenUpSaves();
      if (!isFenced(error)) this.#givenUp.note(record);
      throw error;
    }
    this.#revision = record.revision;
    return true;
  }

  #record(): DialogRecord {
    const { attempts, data, said } = this;
    const ahead = this.#ahead ? [...this.#ahead] : NOTHING_AHEAD;
    return { revision: this.#revision + 1, sequence: this.#sequence, ahead, said, attempts, data };
  }

  /**
   * Whether this may only say that nothing is kept any more, or that a save of this process has been carried out late.
   * Without a revision, nothing that was kept can be missing.
   */
  #suspects(error: unknown): boolean {
    if ((this.#revision === 0 && !this.#givenUp) || !isFenced(error)) return false;
    this.#suspicion = error;
    this.#doubtful = true;
    return true;
  }

  /** Whether it was kept is not known. */
  #failed(error: unknown): unknown {
    this.#doubtful = true;
    if (!isFenced(error)) return error;
    this.#fenced = error;
    this.#positions.fenced(error);
    return error;
  }

  async #findRevision(): Promise<void> {
    const kept = await this.#positions.load(this.#dialogId);
    const isOurs = kept !== undefined && this.#givenUp?.take(kept) === true;
    const isMissing = kept === undefined && this.#revision > 0;
    if (!isMissing && !isOurs && this.#suspicion !== undefined) throw this.#suspicion;
    this.#suspicion = undefined;
    const revision = kept?.revision ?? 0;
    const mayBeOurs = isOurs || this.#positions.positionOnly || this.#unread || revision <= this.#revision;
    if (!mayBeOurs) throw new FencedError(`another process has gone on with dialog ${this.#dialogId}`);
    if (this.#unread && kept) this.#takeOver(kept);
    this.#unread = false;
    this.#revision = revision;
  }

  /** What an earlier process has kept, and this one has begun without. It has changed no data yet: those are read first. */
  #takeOver({ ahead, attempts, data, said, sequence }: DialogRecord): void {
    if (sequence >= this.#sequence) {
      const begun = this.attempts;
      this.moveTo(sequence);
      this.attempts = attempts + begun;
    }
    for (const taken of ahead) this.takeAhead(taken);
    this.said = Math.max(this.said, said);
    this.data = data;
  }
}
