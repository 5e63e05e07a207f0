import type { Clock, ClockTimer } from '@lp/core';
import { onAbort } from '@lp/core/internal';
import type { ChatStateEvent } from '@lp/schemas';
import { plausibleTime } from '../inbound/platform-clock.ts';
import { type Burst, type BurstPart, nextBurst } from './burst.ts';
import type { ReceivedMessage } from './message.ts';
import type { SettleSettings } from './settle.ts';

/** What waiting for a burst needs. */
export interface SettlingParts {
  readonly clock: Clock;
  readonly platformClock: { now(): number };
  /** Whether the history may have more to say. */
  readonly isCatchingUp: () => boolean;
  /** How many messages there is room for. */
  readonly capacity: number;
}

/** What a burst is made of. */
export interface BurstSource {
  /** What has come and may belong to it, in order. */
  readonly messages: () => readonly ReceivedMessage[];
  /** How many of them were a burst in an earlier run; undefined when that is not known. */
  readonly known: (messages: readonly ReceivedMessage[]) => number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Waits until a consumer has said all that is to be handed out as one. */
export class Settling {
  readonly #settings: SettleSettings;
  readonly #parts: SettlingParts;
  /** When live messages came that are nobody's yet. */
  readonly #cameAt = new Map<number, number>();
  #typingUntil = Number.NEGATIVE_INFINITY;
  #lastNow = Number.NEGATIVE_INFINITY;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(settings: SettleSettings, parts: SettlingParts) {
    // More than there is room for cannot come before the first is handed out.
    this.#settings = { ...settings, maxMessages: Math.min(settings.maxMessages, parts.capacity) };
    this.#parts = parts;
  }

  /** A message has come. */
  note({ recovered, sequence }: ReceivedMessage): void {
    if (!recovered) {
      if (!this.#cameAt.has(sequence)) this.#cameAt.set(sequence, this.#now());
      // What was typed is said.
      this.#typingUntil = Number.NEGATIVE_INFINITY;
    }
    this.changed();
  }

  /** The consumer has begun or stopped typing. */
  noteTyping(chatState: ChatStateEvent['chatState']): void {
    const types = chatState === 'COMPOSING';
    this.#typingUntil = types ? this.#now() + this.#settings.typingMs : Number.NEGATIVE_INFINITY;
    this.changed();
  }

  /** Something has changed that may end a burst. */
  changed(): void {
    this.#wake?.();
  }

  close(): void {
    this.#ended = true;
    this.changed();
  }

  /** The next burst; empty when no more will come. Rejects with the signal's reason. */
  async next(source: BurstSource): Promise<readonly ReceivedMessage[]> {
    for (let isDue = false; ; ) {
      source.signal?.throwIfAborted();
      const messages = source.messages();
      const burst = this.#burstOf(messages, source);
      if (burst && (isDue || burst.dueAt <= this.#now())) {
        const settled = messages.slice(0, burst.count);
        for (const { sequence } of settled) this.#cameAt.delete(sequence);
        return settled;
      }
      if (!burst && this.#ended) return [];
      isDue = await this.#change(burst?.dueAt, source.signal);
    }
  }

  /** The time of day. What is remembered moves back with a clock that is set back, or it would be waited for as long. */
  #now(): number {
    const now = this.#parts.clock.now();
    const backMs = this.#lastNow - now;
    this.#lastNow = now;
    if (backMs > 0) {
      for (const [sequence, at] of this.#cameAt) this.#cameAt.set(sequence, at - backMs);
      this.#typingUntil -= backMs;
    }
    return now;
  }

  #burstOf(messages: readonly ReceivedMessage[], { known }: BurstSource): Burst | undefined {
    const [first, ...rest] = messages.map((message) => this.#partOf(message));
    if (!first) return undefined;
    return nextBurst([first, ...rest], this.#settings, {
      catchingUp: this.#parts.isCatchingUp(),
      ended: this.#ended,
      known: known(messages),
      typingUntil: this.#typingUntil,
    });
  }

  #partOf({ click, originator, recovered, sequence, serverTimestamp, text }: ReceivedMessage): BurstPart {
    const { platformClock } = this.#parts;
    const now = this.#now();
    const ageMs = platformClock.now() - (plausibleTime(serverTimestamp) ?? Number.NEGATIVE_INFINITY);
    return {
      sequence,
      at: this.#cameAt.get(sequence) ?? now - Math.max(0, ageMs),
      recovered,
      alone: originator.role !== 'CONSUMER',
      closes: text === undefined || click !== undefined,
    };
  }

  /** Resolves when something changes, or at a time: then with true, whatever the time of day says. */
  async #change(dueAt: number | undefined, signal: AbortSignal | undefined): Promise<boolean> {
    let timer: ClockTimer | undefined;
    let stopListening: (() => void) | undefined;
    try {
      return await new Promise<boolean>((resolve) => {
        const wake = () => resolve(false);
        this.#wake = wake;
        if (dueAt !== undefined && Number.isFinite(dueAt)) {
          timer = this.#parts.clock.setTimer(() => resolve(true), dueAt - this.#now());
        }
        if (signal) stopListening = onAbort(signal, wake);
      });
    } finally {
      this.#wake = undefined;
      timer?.cancel();
      stopListening?.();
    }
  }
}
