import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSharedMemory, type FleetOptions, memoryEngine, type SharedMemory } from '@lp/fleet';
import type { Simulator } from '@lp/simulator';
import { type Running, startPlatform, startWorker, until } from './support.ts';

let simulator: Simulator;
let options: FleetOptions;
let shared: SharedMemory;
let running: Running[];

beforeEach(async () => {
  ({ simulator, options } = await startPlatform(4));
  shared = createSharedMemory();
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map(({ fleet }) => fleet.drain()));
  await simulator.close();
});

/** A worker, and when each of its logins began to serve. */
async function join(name: string) {
  const worker = await startWorker(name, memoryEngine(shared), options);
  running.push(worker);
  const served: number[] = [];
  void (async () => {
    for await (const event of worker.fleet.status())
      if (event.type === 'login' && event.state === 'serving') served.push(performance.now());
  })();
  return { ...worker, servedAt: served };
}

describe('the limits of a fleet', () => {
  it('space the logins of all workers together', async () => {
    options = { ...options, limits: { loginsPerSecond: 5 } };
    const [began, startedAt] = [performance.now(), Date.now()];
    const workers = await Promise.all([join('a'), join('b')]);
    const all = () => workers.flatMap(({ servedAt }) => servedAt).toSorted((one, other) => one - other);
    await until('all are served', () => all().length === 4);
    // A fifth of a second apart. How late one is served is the machine's doing, that it is not sooner is the limit's.
    all().forEach((at, i) => expect(at - began).toBeGreaterThan(200 * i - 10));
    expect(shared.limits.get('login')?.nextAt).toBeGreaterThan(startedAt + 4 * 200 - 1);
  });

  it('make every worker wait when the platform tells one of them to', async () => {
    simulator.faults.failLogin(429, { times: 1, retryAfter: '1' });
    const began = performance.now();
    const workers = await Promise.all([join('a'), join('b')]);
    await until('the fleet is told to wait', () => (shared.limits.get('login')?.heldUntil ?? 0) > Date.now());
    const all = () => workers.flatMap(({ servedAt }) => servedAt).toSorted((one, other) => one - other);
    await until('all are served', () => all().length === 4);
    expect((all().at(-1) ?? 0) - began).toBeGreaterThan(900);
  });

  it('leave what one worker has no room for to others', async () => {
    options = { ...options, maxLoginsPerWorker: 1 };
    const a = await join('a');
    await until('one is served', async () => {
      const { logins } = await a.fleet.view();
      return logins.filter(({ owner }) => owner === 'a').length === 1;
    });
    await join('b');
    const counts = async () => {
      const { logins } = await a.fleet.view();
      return ['a', 'b'].map((name) => logins.filter(({ owner }) => owner === name).length);
    };
    await until('b has something', async () => (await counts())[1] !== 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await counts()).toEqual([1, 1]);
  });
});
