import { type BackoffPolicy, type Clock, LpError } from '@lp/core';
import { sleep, toError } from '@lp/core/internal';
import type { Lifetime } from '../inbound/lifecycle.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import type { Reporter } from '../inbound/reporter.ts';
import { pauseAfter } from '../link/busy.ts';
import type { AgentRequests } from '../link/requests.ts';

/** What telling READ needs. */
export interface ReadMarkParts {
  readonly requests: Pick<AgentRequests, 'publishEvent'>;
  readonly lifetime: Pick<Lifetime, 'closed'>;
  readonly report: Reporter;
  readonly clock: Clock;
}

// The platform's own clients put no more than this into one.
const MOST_IN_ONE = 32;
const RETRY: BackoffPolicy = { initialMs: 500, factor: 2, maxMs: 30_000, jitter: 'full' };
const MOST_TRIES = 8;
// For all that have none: there may be many thousands of dialogs.
const NONE: readonly number[] = [];

/**
 * Tells that messages were read, without holding anybody up: what is handled while a mark is under way goes into the
 * next one. A mark whose outcome is not known is settled by its echo, or sent again: it may be repeated.
 */
export class ReadMarks {
  readonly #parts: ReadMarkParts;
  readonly #dialogId: string;
  // Lists, since they are short and mostly empty, and an empty set takes room.
  #due = NONE;
  /** What was told by the body itself, before its message counts as handled. */
  #told = NONE;
  #sending: Promise<void> | undefined;

  constructor(parts: ReadMarkParts, dialogId: string) {
    this.#parts = parts;
    this.#dialogId = dialogId;
  }

  /** Resolves when nothing is due any more. */
  get settled(): Promise<void> {
    return this.#sending ?? Promise.resolve();
  }

  add(sequence: number): void {
    if (this.#takeTold(sequence)) return;
    if (!this.#due.includes(sequence)) this.#due = [...this.#due, sequence];
    this.#sending ??= this.#send();
  }

  /** The body tells a mark itself: it need not be told again, now or when its message is handled. */
  noteTold(sequence: number): void {
    if (this.#due.includes(sequence)) return this.#drop([sequence]);
    if (this.#told.includes(sequence)) return;
    // Those before are of messages that are never handled.
    this.#told = [...this.#told.slice(1 - MOST_IN_ONE), sequence];
  }

  /** A mark that the body has told did not get through: it is told when its message is handled, or now when that was. */
  noteUntold(sequence: number): void {
    if (!this.#takeTold(sequence)) this.add(sequence);
  }

  /** An event of the dialog: a mark of this agent's own. */
  see({ event, isMe }: MessagingEvent): void {
    if (this.#due.length === 0 || !isMe || event.type !== 'AcceptStatusEvent' || event.status !== 'READ') return;
    this.#drop(event.sequenceList);
  }

  #drop(sequences: readonly number[]): void {
    this.#due = without(this.#due, sequences);
  }

  /** Lets go of a mark that the body has told; false when it has not. */
  #takeTold(sequence: number): boolean {
    if (!this.#told.includes(sequence)) return false;
    this.#told = without(this.#told, [sequence]);
    return true;
  }

  async #send(): Promise<void> {
    const { clock, lifetime, report, requests } = this.#parts;
    const dialogId = this.#dialogId;
    // Messages that are handled in the same turn share a mark.
    await Promise.resolve();
    for (let tries = 1; this.#due.length > 0 && !lifetime.closed.aborted; ) {
      const sequenceList = this.#due.slice(0, MOST_IN_ONE);
      try {
        await requests.publishEvent({ dialogId, event: { type: 'AcceptStatusEvent', status: 'READ', sequenceList } });
        this.#drop(sequenceList);
        tries = 1;
      } catch (error) {
        if (!mayPass(error) || tries++ === MOST_TRIES) {
          report.logger.debug('messages could not be marked as read', { dialogId, error: toError(error).name });
          this.#drop(sequenceList);
        } else {
          await sleep(clock, pauseAfter(error, tries - 1, RETRY), { signal: lifetime.closed, background: true }).catch(
            () => undefined,
          );
        }
      }
    }
    this.#sending = undefined;
  }
}

function without(list: readonly number[], values: readonly number[]): readonly number[] {
  const rest = list.filter((value) => !values.includes(value));
  return rest.length > 0 ? rest : NONE;
}

/** Whether telling again may help: an outcome that is not known does no harm, a receipt may be repeated. */
function mayPass(error: unknown): boolean {
  if (!LpError.isInstance(error)) return false;
  return error.retryable || error.code === 'OUTCOME_UNKNOWN' || error.code === 'REQUEST_TIMEOUT';
}
