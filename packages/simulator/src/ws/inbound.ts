import type { Clock, ClockTimer } from '@lp/core';

export interface InboundPort {
  readonly clock: Clock;
  /** Whether nothing is read for now. */
  frozen(): boolean;
  /** Stops and starts what comes from the network. */
  readonly socket: { pause(): void; resume(): void };
  /** Takes in one frame. */
  read(text: string): void;
}

/** Hands the frames of one socket on, one after the other: those of one write arrive together, however early it is paused. */
export class Inbound {
  readonly #port: InboundPort;
  readonly #waiting: string[] = [];
  #rest: ClockTimer | undefined;

  constructor(port: InboundPort) {
    this.#port = port;
  }

  arrived(text: string): void {
    this.#waiting.push(text);
    this.#read();
  }

  /** Reads what waits, then what comes from the network. Does nothing while it rests or is frozen. */
  readOn(): void {
    this.#read();
    if (!this.#isStill) this.#port.socket.resume();
  }

  /** Reads nothing for a while. */
  rest(ms: number): void {
    this.#port.socket.pause();
    const awake = () => {
      this.#rest = undefined;
      this.readOn();
    };
    this.#rest = this.#port.clock.setTimer(awake, ms, { background: true });
  }

  /** Forgets what waits: the socket has closed. */
  close(): void {
    this.#rest?.cancel();
    this.#waiting.length = 0;
  }

  get #isStill(): boolean {
    return this.#rest !== undefined || this.#port.frozen();
  }

  #read(): void {
    for (let text = this.#next(); text !== undefined; text = this.#next()) this.#port.read(text);
  }

  #next(): string | undefined {
    return this.#isStill ? undefined : this.#waiting.shift();
  }
}
