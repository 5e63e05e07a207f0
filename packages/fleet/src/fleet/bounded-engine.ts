import { NotConnectedError, systemClock } from '@lp/core';
import type { FleetEngine } from '../engine/engine.ts';

// A database that another worker migrates may take its time.
const LONGEST_OPEN_MS = 30_000;

type Call = (...args: unknown[]) => unknown;

/**
 * The engine, none of whose calls takes longer than `callTimeoutMs`, to open it excepted, and to close it, for which nobody has to wait. An engine keeps to the bound that it is opened with;
 * this is for one that does not: a worker waits for its calls, and one that never came back would stop it for good.
 */
export function boundedEngine(engine: FleetEngine, callTimeoutMs: number): FleetEngine {
  return new Proxy(engine, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const call: Call = (...args) => (value as Call).apply(target, args);
      if (name === 'onWake' || name === 'close') return call;
      return (...args: unknown[]) => within(name === 'open' ? LONGEST_OPEN_MS : callTimeoutMs, () => call(...args));
    },
  });
}

async function within(ms: number, call: () => unknown): Promise<unknown> {
  let stop = (): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const timer = systemClock.setTimer(
      () => reject(new NotConnectedError(`the engine of the fleet has not responded for ${Math.round(ms)} ms`)),
      ms,
    );
    stop = () => timer.cancel();
  });
  try {
    return await Promise.race([call(), late]);
  } finally {
    stop();
  }
}
