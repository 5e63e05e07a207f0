import type { Clock, ClockTimer } from '@lp/core';
import type { FaultRules } from '../faults/rules.ts';
import { isRequestType } from '../wire.ts';

const REORDER_WAIT_MS = 20;

export interface OutboundPort {
  /** The agent's username; undefined on consumers' sockets, which faults leave alone. */
  readonly username: string | undefined;
  write(text: string): void;
}

/** A frame that is delayed, or waits behind one that is. */
interface Queued {
  readonly text: string;
  /** Undefined when it may leave as soon as those before it have. */
  timer: ClockTimer | undefined;
}

/** Carries frames to one socket, through the faults in force. */
export class Outbound {
  readonly #port: OutboundPort;
  readonly #rules: FaultRules;
  readonly #clock: Clock;
  readonly #held: string[] = [];
  readonly #mixed: string[] = [];
  /** In the order of writing, which is the order of leaving. */
  readonly #queue: Queued[] = [];
  #mixing: ClockTimer | undefined;
  #frozen = false;

  constructor(port: OutboundPort, rules: FaultRules, clock: Clock) {
    this.#port = port;
    this.#rules = rules;
    this.#clock = clock;
  }

  respond(text: string, requestType: string): void {
    const { username } = this.#port;
    if (!this.#rules.active || username === undefined) {
      this.#enqueue(text);
      return;
    }
    if (this.#rules.strike('silence', username, (rule) => isRequestType(requestType, rule.type ?? ''))) return;
    const late = this.#rules.strike('lateResponse', username);
    if (late) this.#clock.setTimer(() => this.#enqueue(text), late.value, { background: true });
    else this.#delayed(text);
  }

  notification(text: string): void {
    const { username } = this.#port;
    const rules = this.#rules;
    if (!rules.active || username === undefined) {
      this.#enqueue(text);
      return;
    }
    if (rules.strike('lose', username)) return;
    const shown = rules.strike('corrupt', username) ? text.slice(0, rules.cut(text.length)) : text;
    const copies = rules.strike('duplicate', username) ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      const reorder = rules.strike('reorder', username);
      if (reorder) this.#mix(shown, reorder.value);
      else this.#delayed(shown);
    }
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  /** Holds everything back until `thaw`. */
  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    this.#release();
    for (const text of this.#held.splice(0)) this.#port.write(text);
  }

  /** Ends the delays: what waits leaves now, in order. */
  letGo(): void {
    this.#release();
    for (const queued of this.#queue) {
      queued.timer?.cancel();
      queued.timer = undefined;
    }
    this.#drain();
  }

  #mix(text: string, window: number): void {
    this.#mixed.push(text);
    if (this.#mixed.length >= window) this.#release();
    else this.#mixing ??= this.#clock.setTimer(() => this.#release(), REORDER_WAIT_MS, { background: true });
  }

  #release(): void {
    this.#mixing?.cancel();
    this.#mixing = undefined;
    const mixed = this.#mixed.splice(0);
    this.#rules.shuffle(mixed);
    for (const text of mixed) this.#delayed(text);
  }

  #delayed(text: string): void {
    const delay = this.#rules.strike('delay', this.#port.username);
    this.#enqueue(text, delay?.value);
  }

  #enqueue(text: string, delayMs?: number): void {
    const queued: Queued = { text, timer: undefined };
    if (delayMs !== undefined) {
      const due = () => {
        queued.timer = undefined;
        this.#drain();
      };
      queued.timer = this.#clock.setTimer(due, delayMs, { background: true });
    }
    this.#queue.push(queued);
    this.#drain();
  }

  #drain(): void {
    for (let next = this.#queue[0]; next && !next.timer; next = this.#queue[0]) {
      this.#queue.shift();
      this.#deliver(next.text);
    }
  }

  #deliver(text: string): void {
    if (this.#frozen) this.#held.push(text);
    else this.#port.write(text);
  }
}
