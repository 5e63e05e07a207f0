import type { ClockTimer } from '@lp/core';
import type { WorkParts } from './conversation-query.ts';
import type { ServeSettings } from './serve-options.ts';

// A conversation that was accepted and does not appear by then does not come any more.
const LONGEST_ARRIVAL_MS = 30_000;
// The platform assigns a bot user no more than 999.
const NEAR_PLATFORM_LIMIT = 900;

type Level = 'room' | 'full' | 'nearPlatformLimit';

type CapacityParts = Pick<WorkParts, 'clock' | 'report' | 'requests'>;

/** How many conversations are handled, with those that were accepted and have not appeared yet. */
export class Capacity {
  readonly #parts: CapacityParts;
  readonly #settings: ServeSettings;
  readonly #running: () => number;
  readonly #expected = new Map<string, ClockTimer>();
  #level: Level = 'room';
  #full = false;
  #closed = false;

  constructor(parts: CapacityParts, settings: ServeSettings, running: () => number) {
    this.#parts = parts;
    this.#settings = settings;
    this.#running = running;
  }

  get hasRoom(): boolean {
    return this.#load < this.#settings.concurrency;
  }

  /** Counts a conversation that was accepted and has not appeared yet; not for ever, since it may never do. */
  expect(conversationId: string): void {
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
    if (availabilityWhenFull) void this.#setAvailability(full ? availabilityWhenFull : 'ONLINE');
  }

  /** Serving stops: nothing is counted any more. */
  async close(): Promise<void> {
    const { availabilityAfter } = this.#settings;
    this.#closed = true;
    for (const timer of this.#expected.values()) timer.cancel();
    this.#expected.clear();
    if (availabilityAfter) await this.#setAvailability(availabilityAfter);
  }

  get #load(): number {
    return this.#running() + this.#expected.size;
  }

  async #setAvailability(availability: NonNullable<ServeSettings['availabilityAfter']>): Promise<void> {
    try {
      await this.#parts.requests.setAgentState({ availability });
    } catch (error) {
      this.#parts.report.handlerError('setAgentState', error);
    }
  }
}
