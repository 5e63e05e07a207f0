import { type BackoffPolicy, backoffDelay, type Clock, DrainingError } from '@lp/core';
import { sleep, timeLeft } from '@lp/core/internal';
import type { Position } from '../cursors/position.ts';
import { isFenced, type Positions } from '../cursors/positions.ts';
import type { Lifetime } from '../inbound/lifecycle.ts';
import type { Reporter } from '../inbound/reporter.ts';
import type { Drafts } from './drafts.ts';

const MAX_DATA_BYTES = 16_384;
const DATA_PATIENCE_MS = 30_000;
const SAVE_RETRY: BackoffPolicy = { initialMs: 250, factor: 2, maxMs: 5_000, jitter: 'full' };

/** What keeping a dialog's record needs. */
export interface RecordParts {
  readonly positions: Pick<Positions, 'positionOnly' | 'lasts'>;
  readonly clock: Clock;
  readonly lifetime: Pick<Lifetime, 'closed'>;
  readonly report: Reporter;
  /** How much of a dialog's data is kept, in bytes of JSON. */
  readonly maxDataBytes?: number | undefined;
}

/** What was handled together. */
interface Handled {
  /** The message in hand; none before the loop. */
  readonly message: number | undefined;
  /** Messages beyond it that were answers to questions. */
  readonly answers: readonly number[];
  /** The dialog's data, where they were changed. */
  readonly data: Position['data'] | undefined;
  /** The next message that is not handled. */
  readonly firstOpen: number;
}

/** Keeps what is handled of a dialog, and what the bot remembers there: both in one save. */
export class DialogRecordKeeper {
  readonly #parts: RecordParts;
  readonly #place: { readonly dialogId: string; readonly conversationId: string };
  readonly #position: Position;
  /** What was marked READ, where no record tells what is handled. */
  #marked: ReadonlySet<number> | undefined;
  #warned = false;
  /** What the body has said last: kept when it has ended, for a rerun of it tells by this what is its own. */
  #said = -1;

  constructor(
    parts: RecordParts,
    place: { readonly dialogId: string; readonly conversationId: string },
    position: Position,
    marked: ReadonlySet<number>,
  ) {
    this.#parts = parts;
    this.#place = place;
    this.#position = position;
    if (!position.known && marked.size > 0) this.#marked = marked;
  }

  /** What the bot remembers, by name. */
  get data(): Position['data'] {
    return this.#position.data;
  }

  /** Up to which number everything is handled. */
  get sequence(): number {
    return this.#position.sequence;
  }

  isHandled(sequence: number): boolean {
    return this.#position.isHandled(sequence);
  }

  /** Resolves when it is known what is kept. Rejects as the store does when it cannot be read for 30 s. */
  async read(): Promise<void> {
    if (this.#position.unread) await this.#patiently(() => this.#position.read(), DATA_PATIENCE_MS);
  }

  /** This agent has said something. */
  noteSaid(sequence: number): void {
    this.#said = Math.max(this.#said, sequence);
  }

  /** The data with what was changed; undefined when nothing was. @throws ConfigError for what cannot be kept. */
  async collect(drafts: Drafts): Promise<Position['data'] | undefined> {
    const { dialogId } = this.#place;
    const { maxDataBytes = MAX_DATA_BYTES, report } = this.#parts;
    const changed = await drafts.collect(this.data, { dialogId, maxBytes: maxDataBytes });
    if (changed && !this.#warned && changed.bytes > maxDataBytes / 2) {
      this.#warned = true;
      const { bytes } = changed;
      report.logger.warn("a dialog's data take more than half of the room for them", { dialogId, bytes, maxDataBytes });
    }
    return changed?.data;
  }

  /** Whether what was handled counts for others too, or only once an earlier message is handled. */
  get isKept(): boolean {
    return !this.#position.overfull;
  }

  /** How often processes before this one have begun a message and not ended it. Where nothing lasts, nothing is counted. */
  begunBefore(message: number): number {
    if (!this.#counts) return 0;
    // What is kept counts from now on: it has to say all that is handled.
    this.#position.moveTo(message - 1);
    return this.#position.attempts;
  }

  /** Counts that the message after this place is begun; with −1, that this process has outlived it. */
  async count(change: 1 | -1): Promise<void> {
    if (!this.#counts) return;
    this.#takeOverMarks();
    this.#position.attempts += change;
    await this.#saveIfPossible();
  }

  /** The message in hand waits for somebody else: it is not what ends processes. */
  async isPatient(): Promise<void> {
    if (this.#position.attempts === 0) return;
    this.#position.attempts = 0;
    await this.#saveIfPossible();
  }

  /** Moves the position over what was handled, and saves; undefined when that is done already. */
  keep({ answers, data, firstOpen, message }: Handled): Promise<void> | undefined {
    const position = this.#position;
    if (message !== undefined) position.moveTo(message);
    this.#noteBodyEnd();
    this.#keepAnswers(answers, firstOpen);
    if (data) position.data = data;
    // A bot that is killed now finds the answers again by their questions, which a record that left them out would hide.
    if (position.overfull) return undefined;
    return this.#save(data)?.catch((error: unknown) => {
      this.#report('cursors.set', error);
      // Somebody else goes on here: what this process would say is said by the other. Data that are lost were not changed.
      if (isFinal(error) || data) throw error;
    });
  }

  /** All up to `sequence`, and to what this agent has said, is handled by others from now on. */
  async leave(sequence: number, drafts: Drafts | undefined): Promise<void> {
    try {
      const data = drafts?.size ? await this.collect(drafts) : undefined;
      if (data) this.#position.data = data;
      this.#noteBodyEnd();
      this.#position.moveTo(Math.max(sequence, this.#position.said));
      await this.#save(data);
    } catch (error) {
      this.#report('cursors.set', error);
    }
  }

  /**
   * A mark at delivery hides a message from who goes by marks: it needs a record that counts instead. False when there
   * is none.
   */
  async begin(): Promise<boolean> {
    if (this.#position.known) return true;
    if (this.#parts.positions.positionOnly) return false;
    this.#takeOverMarks();
    return this.isKept && (await this.#saveIfPossible());
  }

  /** The dialog has ended and was read to its end: its record is of no more use. */
  async forget(): Promise<void> {
    try {
      await this.#position.forget();
    } catch (error) {
      this.#report('cursors.delete', error);
    }
  }

  get #counts(): boolean {
    const { lasts, positionOnly } = this.#parts.positions;
    return lasts && !positionOnly;
  }

  #noteBodyEnd(): void {
    this.#position.said = Math.max(this.#position.said, this.#said);
  }

  /** Answers lie beyond messages that came before their question and are still open. */
  #keepAnswers(answers: readonly number[], firstOpen: number): void {
    if (answers.length === 0 && !this.#position.hasAhead) return;
    this.#takeOverMarks();
    for (const sequence of answers) this.#position.takeAhead(sequence);
    this.#position.closeUp(firstOpen);
  }

  /** The record counts from now on, so it takes over what the marks said. */
  #takeOverMarks(): void {
    for (const sequence of this.#marked ?? []) this.#position.takeAhead(sequence);
    this.#marked = undefined;
  }

  /** False when the store fails, which is told. */
  async #saveIfPossible(): Promise<boolean> {
    try {
      if (this.isKept) await this.#position.save();
      return true;
    } catch (error) {
      this.#report('cursors.set', error);
      if (isFinal(error)) throw error;
      return false;
    }
  }

  /** Data are worth waiting for; a position alone is told by the next save too. */
  #save(data: Position['data'] | undefined): Promise<void> | undefined {
    const saving = this.#position.save();
    return saving && this.#patiently(() => this.#position.save(), data ? DATA_PATIENCE_MS : 0, saving);
  }

  /** Asks the store again and again for so long, while it fails. */
  async #patiently(
    ask: () => Promise<void> | undefined,
    patienceMs: number,
    first: Promise<void> | undefined = ask(),
  ): Promise<void> {
    const { clock, lifetime } = this.#parts;
    const since = clock.now();
    let leftMs = patienceMs;
    let asking = first;
    for (let tries = 1; ; tries++) {
      try {
        return await asking;
      } catch (error) {
        const delayMs = backoffDelay(SAVE_RETRY, tries);
        leftMs = Math.min(leftMs, timeLeft(since, patienceMs, clock.now()));
        if (isFinal(error) || delayMs >= leftMs) throw error;
        await sleep(clock, delayMs, { signal: lifetime.closed });
        // What was waited counts, also where the clock was set back.
        leftMs -= delayMs;
        asking = ask();
      }
    }
  }

  #report(where: string, error: unknown): void {
    // The store has not failed: nothing was asked of it.
    if (DrainingError.isInstance(error)) return;
    this.#parts.report.handlerError(where, error, this.#place.conversationId);
  }
}

/** Whether somebody else goes on here: another process, or, where serving has ended, who serves next. */
function isFinal(error: unknown): boolean {
  return isFenced(error) || DrainingError.isInstance(error);
}
