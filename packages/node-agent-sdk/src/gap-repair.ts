// Over 300 lines: one state holder: what is handed on, missed and asked for of a dialog moves together.
import { SequenceLedger } from '@lp/agent/internal';
import { type ClockTimer, systemClock } from '@lp/core';
import { createLimiter, sleep } from '@lp/core/internal';
import { EarlyEvents, PATIENCE_MS } from './early-events.ts';
import type { EventRecord } from './messages.ts';

/** What the repair of gaps needs. */
export interface GapRepairPort {
  /** Asks for the events above a number, in the form that programs know. */
  query(dialogId: string, after: number): Promise<EventRecord[]>;
  /** Hands events on that were missing, or waited for those that were. */
  recovered(dialogId: string, events: EventRecord[]): void;
  warn(message: string): void;
}

interface Dialog {
  readonly id: string;
  readonly ledger: SequenceLedger<EventRecord>;
  /** The lowest number that was handed on while numbers were counted; higher after a gap too wide to remember. */
  first: number;
  /** Below the end of what is dealt with and not handed on: they may still come. */
  missing: Set<number> | undefined;
  /** Made when one comes. */
  early: EarlyEvents | undefined;
  repairing: boolean;
  closed: boolean;
}

const QUERIES_AT_ONCE = 8;
const EVENTS_KEPT_ASIDE = 1_024;
const TRIES = 3;
const RETRY_MS = 500;
// How long an event may be on its way after it is known to exist.
const HINT_MS = 1_000;
const MOST_MISSING = 1_000;
// So many dialogs are remembered after their end, and so many in all: a program that never hears of an end must not grow.
const ENDED_DIALOGS = 1_000;
const MOST_DIALOGS = 100_000;

/** Whether a number can be counted with. A frame with another one is handed on as it is. */
const isCounted = (sequence: number | undefined): sequence is number =>
  Number.isSafeInteger(sequence) && (sequence as number) >= 0;

/** Those that can be counted with, by their numbers. */
const countedOf = (events: readonly EventRecord[]) =>
  events
    .filter((event): event is EventRecord & { sequence: number } => isCounted(event.sequence))
    .toSorted((a, b) => a.sequence - b.sequence);

/**
 * Drops events that were handed on already, finds those that were missed, and keeps the order: what follows a gap waits
 * for the history. It counts a dialog's numbers from the first event that is handed on; what was before is the program's.
 */
export class GapRepair {
  readonly #port: GapRepairPort;
  readonly #recover: boolean;
  readonly #limiter = createLimiter(QUERIES_AT_ONCE);
  readonly #dialogs = new Map<string, Dialog>();
  readonly #ended = new Set<string>();
  readonly #hints = new Map<string, number>();
  #hintTimer: ClockTimer | undefined;
  #abort: AbortController | undefined;

  /** Without `recover`, repeats are dropped and nothing is asked for. */
  constructor(port: GapRepairPort, { recover }: { recover: boolean }) {
    this.#port = port;
    this.#recover = recover;
  }

  /** A connection is usable. After an earlier one, each dialog's history is read from where the dialog stood. */
  connected(): void {
    this.#abort = new AbortController();
    if (!this.#recover) return;
    for (const dialog of this.#dialogs.values()) {
      if (dialog.closed) continue;
      dialog.ledger.demand();
      dialog.early?.resume();
      this.#wake(dialog);
    }
  }

  lost(): void {
    this.#abort?.abort();
    this.#abort = undefined;
    this.#hintTimer?.cancel();
    this.#hintTimer = undefined;
    this.#hints.clear();
    for (const { ledger, early } of this.#dialogs.values()) {
      ledger.breakOff();
      early?.pause();
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.lost();
    this.#dialogs.clear();
    this.#ended.clear();
  }

  /** Takes note of a live event. False when it was handed on before, or has to wait. What waits comes by `recovered`. */
  admit(event: EventRecord): boolean {
    const { dialogId, sequence } = event;
    // A typing event's number means nothing.
    if (dialogId === undefined || !isCounted(sequence) || event.event?.type === 'ChatStateEvent') return true;
    const dialog = this.#dialogs.get(dialogId);
    if (!dialog) {
      this.#begin(dialogId, sequence, sequence);
      return true;
    }
    const { ledger } = dialog;
    if (sequence <= ledger.tail) return this.#admitLate(dialog, sequence);
    ledger.observe(sequence, true);
    if (ledger.isNext(sequence)) {
      ledger.pass(sequence);
      // In a task of its own, so that this event is handed on before those that waited for it.
      if (ledger.buffered > 0) queueMicrotask(() => this.#drain(dialog));
      return true;
    }
    if (this.#recover) {
      ledger.buffer(sequence, event);
      this.#wake(dialog);
      return this.#earlyOf(dialog).admit(sequence, event);
    }
    this.#skip(dialog, ledger.tail, sequence);
    ledger.pass(sequence);
    return true;
  }

  /** Takes note of events that a query of the program's own gave and that are handed on. */
  queried(dialogId: string, events: readonly EventRecord[]): void {
    const counted = countedOf(events);
    const [first] = counted;
    if (!first) return;
    const dialog = this.#dialogs.get(dialogId);
    if (!dialog) {
      this.#begin(dialogId, first.sequence, (counted.at(-1) ?? first).sequence);
      return;
    }
    for (const event of counted) {
      const { sequence } = event;
      if (sequence <= dialog.ledger.tail) {
        dialog.missing?.delete(sequence);
      } else {
        this.#earlyOf(dialog).show(sequence);
        dialog.ledger.observe(sequence, false);
        dialog.ledger.buffer(sequence, event);
      }
    }
    this.#drain(dialog);
    if (this.#recover) this.#wake(dialog);
    else this.#giveUp(dialog);
  }

  /** An event is known to exist from elsewhere. If it has not come soon, it is missing: nothing else may show that. */
  hint(dialogId: string, sequence: number): void {
    const dialog = this.#dialogs.get(dialogId);
    if (!this.#recover || !this.#abort || !dialog || !isCounted(sequence) || sequence <= dialog.ledger.tail) return;
    this.#hints.set(dialogId, sequence);
    this.#hintTimer ??= systemClock.setTimer(() => this.#checkHints(), HINT_MS, { background: true });
  }

  /** Whether an event was handed on, as far as numbers were counted. */
  wasHandedOn(dialogId: string, sequence: number): boolean {
    const dialog = this.#dialogs.get(dialogId);
    if (!dialog) return false;
    if (sequence > dialog.ledger.tail) return dialog.early?.wasShown(sequence) === true;
    return sequence >= dialog.first && dialog.missing?.has(sequence) !== true;
  }

  /** A dialog has ended: it is not asked for any more. */
  ended(dialogId: string): void {
    const dialog = this.#dialogs.get(dialogId);
    if (!dialog) return;
    dialog.closed = true;
    this.#ended.add(dialogId);
    const [oldest] = this.#ended;
    if (this.#ended.size > ENDED_DIALOGS && oldest !== undefined) this.#forget(oldest);
  }

  /** The agent has left a dialog: what is said there from now on is not for it. */
  left(dialogId: string): void {
    this.#forget(dialogId);
  }

  #checkHints(): void {
    this.#hintTimer = undefined;
    for (const [dialogId, sequence] of this.#hints) {
      const dialog = this.#dialogs.get(dialogId);
      dialog?.ledger.observe(sequence, false);
      if (dialog) this.#wake(dialog);
    }
    this.#hints.clear();
  }

  #begin(id: string, first: number, tail: number): void {
    const ledger = new SequenceLedger<EventRecord>(EVENTS_KEPT_ASIDE);
    ledger.begin(tail);
    this.#dialogs.set(id, { id, ledger, first, early: undefined, missing: undefined, repairing: false, closed: false });
    const [oldest] = this.#dialogs.keys();
    if (this.#dialogs.size > MOST_DIALOGS && oldest !== undefined) this.#forget(oldest);
  }

  #forget(id: string): void {
    this.#dialogs.get(id)?.early?.pause();
    this.#dialogs.delete(id);
    this.#ended.delete(id);
  }

  #earlyOf(dialog: Dialog): EarlyEvents {
    const { id } = dialog;
    dialog.early ??= new EarlyEvents((events) => {
      this.#port.warn(
        `dialog ${id}: no history for ${PATIENCE_MS} ms, messages that waited for earlier ones are handed on`,
      );
      this.#port.recovered(id, events);
    });
    return dialog.early;
  }

  #admitLate(dialog: Dialog, sequence: number): boolean {
    if (sequence >= dialog.first) return dialog.missing?.delete(sequence) === true;
    // From before the first event: handed on once, as it is not known to have been.
    return this.#earlyOf(dialog).show(sequence);
  }

  /** Hands on everything that has its turn. */
  #drain(dialog: Dialog): void {
    const { ledger } = dialog;
    const events: EventRecord[] = [];
    let { tail } = ledger;
    for (let step = ledger.next(); step; step = ledger.next()) {
      // The numbers in between are passed over: nobody knows of their events, or they are lost.
      const sequence = 'gap' in step ? step.gap.before - 1 : step.sequence;
      this.#skip(dialog, tail, 'gap' in step ? sequence + 1 : sequence);
      ledger.pass(sequence);
      tail = sequence;
      if ('event' in step && dialog.early?.pass(sequence) !== true) events.push(step.event);
    }
    if (ledger.buffered === 0) dialog.early?.pause();
    if (events.length > 0) this.#port.recovered(dialog.id, events);
  }

  /** Numbers between the two may still come. */
  #skip(dialog: Dialog, after: number, before: number): void {
    // One number that is far off must not silence a dialog: what is below it counts as not handed on.
    if (before - after > MOST_MISSING) dialog.first = before - MOST_MISSING;
    for (let sequence = Math.max(after + 1, before - MOST_MISSING); sequence < before; sequence++) {
      (dialog.missing ??= new Set()).add(sequence);
    }
  }

  #wake(dialog: Dialog): void {
    if (dialog.repairing || !this.#abort || !dialog.ledger.needsHistory) return;
    dialog.repairing = true;
    void this.#repair(dialog, this.#abort.signal);
  }

  /** Reads the history until nothing is missing. Never rejects. */
  async #repair(dialog: Dialog, signal: AbortSignal): Promise<void> {
    const { ledger } = dialog;
    let pauses = 0;
    while (!signal.aborted && ledger.needsHistory) {
      const outcome = await this.#askOnce(dialog, signal);
      if (signal.aborted) break;
      this.#drain(dialog);
      if (outcome === 'settled') continue;
      if (++pauses >= TRIES && outcome === 'failed') this.#giveUp(dialog);
      else await sleep(systemClock, RETRY_MS * pauses, { signal, background: true }).catch(() => undefined);
    }
    dialog.repairing = false;
    // A connection that came meanwhile found it busy.
    if (signal.aborted) this.#wake(dialog);
  }

  async #askOnce({ id, ledger }: Dialog, signal: AbortSignal): Promise<'settled' | 'doubtful' | 'failed'> {
    try {
      const response = await this.#limiter.run(async () => {
        const issue = ledger.issue();
        return { issue, events: await this.#port.query(id, issue.after) };
      }, signal);
      if (signal.aborted) return 'failed';
      return ledger.settle(
        response.issue,
        { events: countedOf(response.events), complete: undefined },
        ({ sequence }) => sequence,
      );
    } catch {
      return 'failed';
    }
  }

  /** The history cannot be read: what waits is handed on without what is missing. */
  #giveUp(dialog: Dialog): void {
    const { ledger } = dialog;
    for (let tries = 0; ledger.needsHistory && tries < 5; tries++) {
      ledger.settle(ledger.issue(), { events: [], complete: true }, () => undefined);
    }
    this.#drain(dialog);
  }
}
