import { uptime } from 'node:os';

/** A moment, on every clock that this machine has. */
export interface Mark {
  readonly monotonic: number;
  readonly wall: number;
  readonly uptime: number;
}

/** How time passes on this machine. Machines are never compared with each other. */
export interface Elapsed {
  /** Now, to be measured from. */
  mark(): Mark;
  /** Milliseconds since, on the clock that has gone furthest: one of them may have stood still while the machine was suspended. */
  atMost(since: Mark): number;
  /** The same, asking the operating system too: too dear for each write. */
  atMostWithUptime(since: Mark): number;
  /** Milliseconds since, on the clock that nobody can set forward. */
  atLeast(since: Mark): number;
}

/** Where the readings come from; the machine's by default. */
export interface Readings {
  readonly monotonic: () => number;
  readonly wall: () => number;
  readonly uptime: () => number;
}

const machine: Readings = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  uptime: () => uptime() * 1_000,
};

/** Makes an {@link Elapsed}. */
export function createElapsed(readings: Readings = machine): Elapsed {
  const atMost = (since: Mark) => Math.max(readings.monotonic() - since.monotonic, readings.wall() - since.wall);
  return {
    mark: () => ({ monotonic: readings.monotonic(), wall: readings.wall(), uptime: readings.uptime() }),
    atMost,
    atMostWithUptime: (since) => Math.max(atMost(since), readings.uptime() - since.uptime),
    atLeast: (since) => readings.monotonic() - since.monotonic,
  };
}
