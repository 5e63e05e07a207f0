import { describe, expect, it } from '@jest/globals';
import { AuthError, createManualClock, NotConnectedError } from '@lp/core';
import { type FleetEngine, type LimitRequest, memoryEngine } from '../../src/index.ts';
import { LoginLimiter } from '../../src/worker/login-limiter.ts';

const always = { mayWrite: () => true };
const { signal: never } = new AbortController();

/** A limiter on an engine whose waits a test says. */
function createLimiter(answer: (request: LimitRequest) => number | Promise<number>) {
  const clock = createManualClock();
  const asked: LimitRequest[] = [];
  const engine: FleetEngine = memoryEngine();
  engine.limit = async (_key, request) => {
    asked.push(request);
    return await answer(request);
  };
  return { asked, clock, limiter: new LoginLimiter(engine, { loginsPerSecond: 4, clock }) };
}

/** Whether a promise has settled after a turn. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

describe('the limiter of logins', () => {
  it('lets whoever has a turn now through, with one question', async () => {
    const { asked, limiter } = createLimiter(() => 0);
    await limiter.pass(never, always);
    expect(asked).toEqual([{ turnEveryMs: 250 }]);
  });

  it('waits for the turn, and asks then whether everybody was told to wait meanwhile', async () => {
    const { asked, clock, limiter } = createLimiter((request) => ('ask' in request ? 0 : 700));
    const passed = limiter.pass(never, always);
    await clock.advance(699);
    expect(await isDone(passed)).toBe(false);
    await clock.advance(1);
    await passed;
    expect(asked).toEqual([{ turnEveryMs: 250 }, { ask: 'held' }]);
  });

  it('takes another turn when everybody was told to wait meanwhile', async () => {
    let held = 5_000;
    const { asked, clock, limiter } = createLimiter((request) => ('ask' in request ? held : 100));
    const passed = limiter.pass(never, always);
    await clock.advance(100);
    held = 0;
    await clock.advance(100);
    await passed;
    expect(asked.filter((request) => 'turnEveryMs' in request)).toHaveLength(2);
  });

  it('lets nobody through while the engine does not respond', async () => {
    let isAway = true;
    const { clock, limiter } = createLimiter(() => {
      if (isAway) throw new NotConnectedError('away');
      return 0;
    });
    const passed = limiter.pass(never, always);
    await clock.advance(60_000);
    expect(await isDone(passed)).toBe(false);
    isAway = false;
    await clock.advance(250);
    await passed;
  });

  it('lets nobody through who may not write, and asks the engine for no turn meanwhile', async () => {
    let may = false;
    const { asked, clock, limiter } = createLimiter(() => 0);
    const passed = limiter.pass(never, { mayWrite: () => may });
    await clock.advance(10_000);
    expect([await isDone(passed), asked]).toEqual([false, []]);
    may = true;
    await clock.advance(50);
    await passed;
  });

  it('keeps its turn when the right to write was lost while it waited', async () => {
    let may = true;
    const { asked, clock, limiter } = createLimiter((request) => ('ask' in request ? 0 : 100));
    const passed = limiter.pass(never, { mayWrite: () => may });
    await clock.advance(50);
    may = false;
    await clock.advance(1_000);
    expect(await isDone(passed)).toBe(false);
    may = true;
    await clock.advance(1_000);
    await passed;
    expect(asked.filter((request) => 'turnEveryMs' in request)).toHaveLength(1);
  });

  it('gives up when nobody wants the login any more', async () => {
    const abort = new AbortController();
    const { limiter } = createLimiter(() => 60_000);
    const passed = limiter.pass(abort.signal, always);
    abort.abort(new Error('given back'));
    await expect(passed).rejects.toThrow('given back');
    await expect(limiter.pass(abort.signal, always)).rejects.toThrow('given back');
  });

  it('holds everybody back for as long as the platform asked; else for five seconds after a login, one after a dial', async () => {
    const { asked, limiter } = createLimiter(() => 0);
    await limiter.refused(new AuthError('slow down', { context: { status: 429, retryAfterMs: 30_000 } }));
    await limiter.refused(new AuthError('slow down', { context: { status: 429 } }));
    await limiter.refused(new NotConnectedError('slow down', { context: { status: 429 } }));
    expect(asked).toEqual([{ holdMs: 30_000 }, { holdMs: 5_000 }, { holdMs: 1_000 }]);
  });

  it('holds nobody back for longer than an hour, whatever an error says', async () => {
    const { asked, limiter } = createLimiter(() => 0);
    await limiter.refused(new AuthError('slow down', { context: { status: 429, retryAfterMs: 1e12 } }));
    await limiter.refused(new AuthError('slow down', { context: { status: 429, retryAfterMs: 'soon' } }));
    expect(asked).toEqual([{ holdMs: 3_600_000 }, { holdMs: 5_000 }]);
  });

  it('does not fail when the engine cannot be told', async () => {
    const { limiter } = createLimiter(() => {
      throw new NotConnectedError('away');
    });
    await expect(limiter.refused(new AuthError('slow down'))).resolves.toBeUndefined();
  });
});
