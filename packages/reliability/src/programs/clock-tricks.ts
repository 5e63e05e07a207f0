/** The clocks of this process, which may be set on or back, or not count its pauses. */
export interface ClockTricks {
  shiftWall(ms: number): void;
  ignorePauses(of: 'monotonic' | 'wall'): void;
}

// Looked at more often than that while the process runs, so whatever is longer was a pause.
const PAUSE_MS = 300;

/** Puts itself in place of this process's clocks. */
export function createClockTricks(): ClockTricks {
  const real = { wall: Date.now.bind(Date), monotonic: performance.now.bind(performance) };
  const off = { wall: 0, monotonic: 0 };
  const pauseless = new Set<'monotonic' | 'wall'>();
  let last = real.monotonic();
  const look = (): void => {
    const now = real.monotonic();
    if (now - last > PAUSE_MS) for (const clock of pauseless) off[clock] -= now - last;
    last = now;
  };
  setInterval(look, 20).unref();
  Date.now = () => (look(), Math.round(real.wall() + off.wall));
  Object.defineProperty(performance, 'now', { value: () => (look(), real.monotonic() + off.monotonic) });
  return {
    shiftWall: (ms) => void (off.wall += ms),
    // One at a time: when neither clock counts a pause, nobody can know of it before the next beat.
    ignorePauses: (of) => {
      pauseless.clear();
      pauseless.add(of);
    },
  };
}
