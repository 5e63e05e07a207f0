import { createManualClock, type ManualClock } from '@lp/core';
import { createElapsed, type Elapsed } from '../src/worker/elapsed.ts';

/** A clock that only moves when told to, and the same time as a worker measures it. */
export function createTime(): { clock: ManualClock; elapsed: Elapsed } {
  const clock = createManualClock();
  const now = () => clock.now();
  return { clock, elapsed: createElapsed({ monotonic: now, wall: now, uptime: now }) };
}

/** Lines that were logged. */
export function createLog() {
  const lines: { level: string; message: string; fields: unknown }[] = [];
  const at = (level: string) => (message: string, fields?: unknown) => void lines.push({ level, message, fields });
  return { lines, logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

/** Lets everything that waits for nothing but other promises go on. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
