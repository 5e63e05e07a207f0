import { describe, expect, it } from '@jest/globals';
import { createSharedMemory, type FleetEngine, memoryEngine } from '../../src/index.ts';
import { LoginLimiter } from '../../src/worker/login-limiter.ts';
import { createTime, turn } from '../support.ts';
import { createWorker, cutOff, type Made, names, TTL_MS } from './worker-support.ts';

/** Takes one defence out of an engine; the others stay. */
type Breaking = (engine: FleetEngine) => void;
const whole: Breaking = () => undefined;

/** A worker that holds two logins, and another with which it could share them. */
async function startTwo() {
  const { clock } = createTime();
  const shared = createSharedMemory();
  const victim = createWorker('victim', shared, clock, names(2));
  await victim.worker.start();
  await clock.advance(1);
  const heir = createWorker('heir', shared, clock, names(2));
  await heir.worker.start();
  await clock.advance(100);
  return { clock, shared, victim, heir };
}

const openGates = ({ seats }: Made) => seats.filter(({ gate }) => gate.mayWrite()).map(({ login }) => login);

// Each is needed: what it is against happens when it alone is switched off.
describe('the gate', () => {
  /** How long two workers may write for one login, in steps of 10 ms. */
  async function contested(breaking: Breaking): Promise<number> {
    const { clock, heir, victim } = await startTwo();
    cutOff(victim.engine);
    breaking(victim.engine);
    let steps = 0;
    for (let ms = 0; ms < 2 * TTL_MS; ms += 10) {
      await clock.advance(10);
      const theirs = new Set(openGates(heir));
      if (openGates(victim).some((login) => theirs.has(login))) steps++;
    }
    expect(heir.held()).toEqual(names(2));
    return steps;
  }

  it('keeps two workers from writing for one login', async () => {
    expect(await contested(whole)).toBe(0);
    expect(await contested((engine) => (engine.beat = async () => true))).toBeGreaterThan(0);
  });
});

describe('the burial', () => {
  async function heldAfterDeath(breaking: Breaking): Promise<string[]> {
    const { clock, heir, victim } = await startTwo();
    breaking(heir.engine);
    cutOff(victim.engine);
    await clock.advance(10 * TTL_MS);
    return heir.held();
  }

  it('frees the logins of a worker that is gone', async () => {
    expect(await heldAfterDeath(whole)).toEqual(names(2));
    expect(await heldAfterDeath((engine) => (engine.remove = async () => false))).toEqual([]);
  });
});

describe('the fence', () => {
  async function keptInTheEnd(isWhole: boolean): Promise<number | undefined> {
    const { clock, heir, shared, victim } = await startTwo();
    const late = victim.engine.commit.bind(victim.engine);
    const me = victim.worker.incarnation;
    cutOff(victim.engine);
    await clock.advance(2 * TTL_MS);
    const at = (epoch: number, sequence: number) => ({
      login: 'login 0',
      epoch,
      dialogId: 'd',
      record: { revision: sequence, sequence, ahead: [], said: -1, attempts: 0, data: {} },
    });
    await heir.worker.committer.commit(at(2, 5));
    // Without it, whoever writes counts as the owner.
    if (isWhole) await late(me, [at(1, 6)]);
    else await late(heir.worker.incarnation, [at(2, 6)]);
    return (await memoryEngine(shared).load('login 0')).get('d')?.sequence;
  }

  it('keeps what a worker that was taken over writes late from landing', async () => {
    expect(await keptInTheEnd(true)).toBe(5);
    expect(await keptInTheEnd(false)).toBe(6);
  });
});

describe('the limit of logins', () => {
  const LOGINS = 10;

  /** How many of ten logins of two workers pass at once, and how long the last one waits at least. */
  async function rush(breaking: Breaking): Promise<number> {
    const shared = createSharedMemory();
    const limiters = [1, 2].map(() => {
      const engine = memoryEngine(shared);
      breaking(engine);
      return new LoginLimiter(engine, { loginsPerSecond: 10 });
    });
    const abort = new AbortController();
    let passed = 0;
    const all = Array.from({ length: LOGINS }, async (_, i) => {
      await limiters[i % 2]?.pass(abort.signal, { mayWrite: () => true });
      passed++;
    });
    for (let i = 0; i < 5; i++) await turn();
    abort.abort(new Error('enough seen'));
    await Promise.allSettled(all);
    return passed;
  }

  it('keeps a fleet that starts from logging everybody in at once', async () => {
    expect(await rush(whole)).toBeLessThan(3);
    expect(await rush((engine) => (engine.limit = async () => 0))).toBe(LOGINS);
  });
});
