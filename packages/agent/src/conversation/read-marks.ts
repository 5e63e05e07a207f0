import { type BackoffPolicy, backoffDelay, type Clock, LpError } from '@lp/core';
import { sleep, toError } from '@lp/core/internal';
import type { Lifetime } from '../inbound/lifecycle.ts';
import type { MessagingEvent } from '../inbound/mapping/index.ts';
import type { Reporter } from '../inbound/reporter.ts';
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

/**
 * Tells that messages were read, without holding anybody up: what is handled while a mark is under way goes into the
 * next one. A mark whose outcome is not known is settled by its echo, or sent again: it may be repeated.
 */
export class ReadMarks {
  readonly #parts: ReadMarkParts;
  readonly #dialogId: string;
  // Lists, since they are short and mostly empty: an empty set takes room, and there may be many thousands of dialogs.
  readonly #due: number[] = [];
  /** What was told by the body itself, before its message counts as handled. */
  readonly #told: number[] = [];
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
    if (takeOut(this.#told, sequence)) return;
    if (!this.#due.includes(sequence)) this.#due.push(sequence);
    this.#sending ??= this.#send();
  }

  /** The body tells a mark itself: it need not be told again, now or when its message is handled. */
  noteTold(sequence: number): void {
    if (takeOut(this.#due, sequence) || this.#told.includes(sequence)) return;
    this.#told.push(sequence);
    // Of messages that are never handled.
    if (this.#told.length > MOST_IN_ONE) this.#told.shift();
  }

  /** A mark that the body has told did not get through: it is told when its message is handled, or now when that was. */
  noteUntold(sequence: number): void {
    if (!takeOut(this.#told, sequence)) this.add(sequence);
  }

  /** An event of the dialog: a mark of this agent's own. */
  see({ event, isMe }: MessagingEvent): void {
    if (this.#due.length === 0 || !isMe || event.type !== 'AcceptStatusEvent' || event.status !== 'READ') return;
    this.#drop(event.sequenceList);
  }

  #drop(sequences: readonly number[]): void {
    for (const sequence of sequences) takeOut(this.#due, sequence);
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
          await sleep(clock, backoffDelay(RETRY, tries), { signal: lifetime.closed, background: true }).catch(
            () => undefined,
          );
        }
      }
    }
    this.#sending = undefined;
  }
}

/** Takes a number out of a list; false when it is not in it. The last one takes the list's room with it. */
function takeOut(list: number[], value: number): boolean {
  const index = list.indexOf(value);
  if (index === -1) return false;
  if (list.length === 1) list.length = 0;
  else list.splice(index, 1);
  return true;
}

/** Whether telling again may help: an outcome that is not known does no harm, a receipt may be repeated. */
function mayPass(error: unknown): boolean {
  if (!LpError.isInstance(error)) return false;
  return error.retryable || error.code === 'OUTCOME_UNKNOWN' || error.code === 'REQUEST_TIMEOUT';
}
