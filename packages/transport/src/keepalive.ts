import type { Clock, ClockTimer } from '@lp/core';

/** What a keep-alive does to its connection. */
export interface KeepAlivePort {
  probe(): void;
  /** Nothing came back: the connection is dead. Called once. */
  dead(): void;
}

export interface KeepAliveTimes {
  readonly idleMs: number;
  readonly timeoutMs: number;
}

// Silence is counted in quarters of the time allowed. Each quarter's timer is set when the last has fired, so a process
// that was suspended, or a clock that was set, costs one quarter and not the connection.
const QUARTERS = 4;

/**
 * Sends a probe after silence and gives the connection up when nothing at all comes back in time. Any frame is proof of
 * life, so a busy connection is never probed for its responses; it is still made to send something now and then.
 */
export class KeepAlive {
  readonly #clock: Clock;
  readonly #times: KeepAliveTimes;
  readonly #port: KeepAlivePort;
  #timer: ClockTimer | undefined;
  #received = false;
  #sent = false;
  #quartersWithoutReceiving = 0;
  #quartersWithoutSending = 0;
  /** Quarters of `timeoutMs` since the probe; undefined while none is out. */
  #quartersSinceProbe: number | undefined;

  constructor(clock: Clock, times: KeepAliveTimes, port: KeepAlivePort) {
    this.#clock = clock;
    this.#times = times;
    this.#port = port;
  }

  start(): void {
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  received(): void {
    this.#received = true;
  }

  sent(): void {
    this.#sent = true;
  }

  #schedule(): void {
    const { idleMs, timeoutMs } = this.#times;
    const period = this.#quartersSinceProbe === undefined ? idleMs : timeoutMs;
    this.#timer = this.#clock.setTimer(() => this.#tick(), period / QUARTERS, { background: true });
  }

  #tick(): void {
    this.#timer = undefined;
    if (this.#received) this.#quartersSinceProbe = undefined;
    if (this.#quartersSinceProbe === undefined) this.#countSilence();
    else this.#quartersSinceProbe++;
    this.#received = this.#sent = false;
    if (this.#quartersSinceProbe === QUARTERS) {
      this.#port.dead();
      return;
    }
    // One quarter less than all: the silence may have begun just after a tick.
    if (Math.max(this.#quartersWithoutReceiving, this.#quartersWithoutSending) === QUARTERS - 1) {
      this.#quartersWithoutReceiving = this.#quartersWithoutSending = 0;
      this.#quartersSinceProbe = 0;
      this.#port.probe();
    }
    this.#schedule();
  }

  #countSilence(): void {
    this.#quartersWithoutReceiving = this.#received ? 0 : this.#quartersWithoutReceiving + 1;
    this.#quartersWithoutSending = this.#sent ? 0 : this.#quartersWithoutSending + 1;
  }
}
