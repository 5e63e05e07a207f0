import { type ClockTimer, RequestTimeoutError } from '@lp/core';
import { patiently } from '../link/patiently.ts';
import type { WorkParts } from './conversation-query.ts';
import type { Availability, ServeSettings } from './serve-options.ts';

// A conversation that was accepted and does not appear by then does not come any more.
const LONGEST_ARRIVAL_MS = 30_000;
// The platform assigns a bot user no more than 999.
const NEAR_PLATFORM_LIMIT = 900;
// Who stops has not much time, and handlers and conversations need it more.
const LAST_STATE_MS = 3_000;

type Level = 'room' | 'full' | 'nearPlatformLimit';

/** The handlers, as far as they count. */
interface Running {
  readonly size: number;
  runs(conversationId: string): boolean;
  holds(conversationId: string): boolean;
}

type CapacityParts = Pick<WorkParts, 'clock' | 'lifetime' | 'report' | 'requests'>;

/** How many conversations are handled, with those that were accepted and have not appeared yet. */
export class Capacity {
  readonly #parts: CapacityParts;
  readonly #settings: ServeSettings;
  readonly #running: Running;
  readonly #expected = new Map<string, ClockTimer>();
  #level: Level = 'room';
  #full = false;
  #closed = false;
  /** Aborted when another state is wanted. */
  #wanted = new AbortController();

  constructor(parts: CapacityParts, settings: ServeSettings, running: Running) {
    this.#parts = parts;
    this.#settings = settings;
    this.#running = running;
  }

  /** Whether a conversation may be accepted; one that is counted already takes no other place. */
  hasRoomFor(conversationId: string): boolean {
    const isCounted = this.#running.runs(conversationId) || this.#expected.has(conversationId);
    return isCounted || this.#load < this.#settings.concurrency;
  }

  /** Those that were accepted, or are about to be, and have not appeared. */
  get expected(): string[] {
    return [...this.#expected.keys()];
  }

  /**
   * Counts a conversation that was accepted and has not appeared yet; not for ever, since it may never do. One that is
   * handled is counted already; of one that has left, the handler that still ends is another.
   */
  expect(conversationId: string): void {
    if (this.#running.holds(conversationId)) return;
    this.#expected.get(conversationId)?.cancel();
    const late = () => this.forget(conversationId);
    this.#expected.set(conversationId, this.#parts.clock.setTimer(late, LONGEST_ARRIVAL_MS, { background: true }));
    this.update();
  }

  /** It has appeared, or was not accepted after all. */
  forget(conversationId: string): void {
    this.#expected.get(conversationId)?.cancel();
    this.#expected.delete(conversationId);
    this.update();
  }

  /** Tells when the limit is reached, and when there is room again. */
  update(): void {
    if (this.#closed) return;
    const { availabilityWhenFull, concurrency } = this.#settings;
    const conversations = this.#load;
    const full = conversations >= concurrency;
    const level = conversations >= NEAR_PLATFORM_LIMIT ? 'nearPlatformLimit' : full ? 'full' : 'room';
    if (level !== this.#level) {
      this.#level = level;
      this.#parts.report.status({ type: 'capacity', level, conversations, concurrency });
    }
    if (full === this.#full) return;
    this.#full = full;
    if (availabilityWhenFull) void this.#setWhileWanted(full ? availabilityWhenFull : 'ONLINE');
  }

  /** Serving stops: nothing is told of any more, and what is expected is so until it is known not to come. */
  async close(): Promise<void> {
    const { availabilityAfter } = this.#settings;
    this.#closed = true;
    for (const timer of this.#expected.values()) timer.cancel();
    this.#wanted.abort();
    if (availabilityAfter) await this.#setAtLast(availabilityAfter);
  }

  get #load(): number {
    return this.#running.size + this.#expected.size;
  }

  /** An agent that stayed away because of a hiccup would get no rings any more, with nothing to do. */
  async #setWhileWanted(availability: Availability): Promise<void> {
    this.#wanted.abort();
    this.#wanted = new AbortController();
    const { signal } = this.#wanted;
    try {
      await this.#setAvailability(availability, signal);
    } catch (error) {
      if (!signal.aborted) this.#parts.report.handlerError('setAgentState', error);
    }
  }

  async #setAtLast(availability: Availability): Promise<void> {
    const { clock, report } = this.#parts;
    const over = new AbortController();
    const late = new RequestTimeoutError('the agent state was not set before serving had to stop');
    const timer = clock.setTimer(() => over.abort(late), LAST_STATE_MS);
    try {
      await this.#setAvailability(availability, over.signal);
    } catch (error) {
      report.handlerError('setAgentState', error);
    } finally {
      timer.cancel();
    }
  }

  async #setAvailability(availability: Availability, signal: AbortSignal): Promise<void> {
    const set = () => this.#parts.requests.setAgentState({ availability }, { signal });
    await patiently(this.#parts, 'setAgentState', set, signal);
  }
}
