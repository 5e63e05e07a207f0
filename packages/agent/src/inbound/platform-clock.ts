import type { Clock } from '@lp/core';

// No conversation is of a later time.
const LATEST = Date.UTC(2100, 0);

/** A time of a frame, when it can be one: not negative, not zero, not 1e300. */
export function plausibleTime(time: number | undefined): number | undefined {
  return time !== undefined && time > 0 && time <= LATEST ? time : undefined;
}

/** Whether a time of a frame is for certain before another one. */
export function isEarlier(time: number | undefined, other: number | undefined): boolean {
  const [one, two] = [plausibleTime(time), plausibleTime(other)];
  return one !== undefined && two !== undefined && one < two;
}

/**
 * The platform's time. This machine's clock may be off by a day: what is sent to the platform as a time, and what is
 * compared with a time of its, goes by the offset learnt from the platform.
 */
export class PlatformClock {
  readonly #clock: Clock;
  #offset = 0;
  #learnt = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The platform's time now in whole milliseconds, as it takes them, as well as it is known; this machine's until the platform has told its own. */
  now(): number {
    return Math.round(this.#clock.now() + this.#offset);
  }

  /** Uses the platform's own word for the present time. What is not a time is set aside. */
  learn(currentTime: number | undefined): void {
    const time = plausibleTime(currentTime);
    if (time === undefined) return;
    this.#offset = time - this.#clock.now();
    this.#learnt = true;
  }

  /** A time seen in a frame is past: until the platform has told its clock, the latest of them is the best that is known. */
  see(time: number | undefined): void {
    if (this.#learnt || plausibleTime(time) === undefined) return;
    const offset = (time as number) - this.#clock.now();
    if (this.#offset === 0 || offset > this.#offset) this.#offset = offset;
  }
}
