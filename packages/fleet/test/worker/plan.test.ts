import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LoginRecord } from '../../src/index.ts';
import { makePlan } from '../../src/worker/plan.ts';

const row = (login: string, owner: string | undefined, rest: Partial<LoginRecord> = {}): LoginRecord => ({
  login,
  owner,
  epoch: 1,
  since: 0,
  clean: true,
  aside: undefined,
  move: false,
  avoid: undefined,
  ...rest,
});

const members = (names: readonly string[], room = Number.POSITIVE_INFINITY) =>
  names.map((incarnation) => ({ incarnation, room }));

/** Lets all workers do their part, again and again, until nothing is left to do. Gives the counts, moves and rounds. */
function settle(names: readonly string[], start: readonly LoginRecord[]) {
  const logins = start.map((entry) => ({ ...entry }));
  let moves = 0;
  for (let rounds = 0; rounds < 10_000; rounds++) {
    const view = logins.map((entry) => ({ ...entry }));
    const plans = names.map((me) => ({
      me,
      ...makePlan({ me, members: members(names), logins: view, settled: true }),
    }));
    if (plans.every(({ claim, give }) => claim.length === 0 && give === undefined)) {
      const counts = names.map((name) => logins.filter(({ owner }) => owner === name).length);
      return { counts, moves, rounds };
    }
    for (const { me, claim, give } of plans) {
      for (const entry of logins) {
        if (claim.includes(entry.login)) entry.owner = me;
        if (entry.login !== give) continue;
        entry.owner = undefined;
        moves++;
      }
    }
  }
  throw new Error('it never settles');
}

const many = (count: number, owner: (i: number) => string | undefined) =>
  Array.from({ length: count }, (_, i) => row(`login ${i}`, owner(i)));

describe('the plan of who holds what', () => {
  it('shares free logins out evenly, each to exactly one worker', () => {
    const names = ['a', 'b', 'c'];
    const plans = names.map((me) =>
      makePlan({ me, members: members(names), logins: many(10, () => undefined), settled: false }),
    );
    expect(plans.map(({ claim }) => claim.length)).toEqual([4, 3, 3]);
    expect(new Set(plans.flatMap(({ claim }) => claim)).size).toBe(10);
  });

  it('gives each free login to whoever has fewest, in whatever order the workers stand', () => {
    const loads = fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 7 });
    const shape = loads.chain((ids) =>
      fc.record({
        // In any order, not in that of their names: whose rows come first depends on the engine.
        held: fc.tuple(...ids.map((id) => fc.tuple(fc.constant(`w${id}`), fc.integer({ min: 0, max: 6 })))),
        free: fc.integer({ min: 1, max: 12 }),
      }),
    );
    fc.assert(
      fc.property(shape, ({ free, held }) => {
        const workers = held.map(([name]) => name);
        const owned = held.flatMap(([name, count]) =>
          Array.from({ length: count }, (_, i) => row(`${name} ${i}`, name)),
        );
        const logins = [...owned, ...many(free, () => undefined)];
        const taken = workers.map(
          (me) => makePlan({ me, members: members(workers), logins, settled: false }).claim.length,
        );
        expect(taken.reduce((sum, count) => sum + count, 0)).toBe(free);
        const after = held.map(([, had], i) => had + (taken[i] ?? 0));
        // But for the last one that it took, nobody who took one has more than whoever has fewest.
        const tooMany = after.filter((count, i) => (taken[i] ?? 0) > 0 && count - 1 > Math.min(...after));
        expect(tooMany).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('moves no more than must be when a worker joins', () => {
    const logins = many(200, (i) => `worker ${i % 4}`);
    const result = settle(['worker 0', 'worker 1', 'worker 2', 'worker 3', 'worker 4'], logins);
    expect(result).toMatchObject({ counts: [40, 40, 40, 40, 40], moves: 40 });
  });

  it('moves nothing when it is even already', () => {
    expect(
      settle(
        ['a', 'b', 'c'],
        many(8, (i) => ['a', 'b', 'c'][i % 3]),
      ),
    ).toMatchObject({ moves: 0 });
  });

  it('moves nothing while workers come and go', () => {
    const plan = makePlan({ me: 'a', members: members(['a', 'b']), logins: many(10, () => 'a'), settled: false });
    expect(plan).toEqual({ claim: [], give: undefined });
  });

  it('gives a login that somebody handed over to another, if there is one', () => {
    const logins = [row('x', undefined, { avoid: 'a' }), row('y', 'b'), row('z', 'b')];
    expect(makePlan({ me: 'a', members: members(['a', 'b']), logins, settled: false }).claim).toEqual([]);
    expect(makePlan({ me: 'b', members: members(['a', 'b']), logins, settled: false }).claim).toEqual(['x']);
    expect(makePlan({ me: 'a', members: members(['a']), logins: logins.slice(0, 1), settled: false }).claim).toEqual([
      'x',
    ]);
  });

  it('fills nobody beyond its room', () => {
    const plan = (me: string) =>
      makePlan({
        me,
        members: [...members(['a'], 2), ...members(['b'], 3)],
        logins: many(9, () => undefined),
        settled: true,
      });
    expect([plan('a').claim.length, plan('b').claim.length]).toEqual([2, 3]);
  });

  it('leaves what a draining worker holds to it', () => {
    const logins = many(4, () => 'leaving');
    expect(makePlan({ me: 'a', members: members(['a']), logins, settled: true })).toEqual({
      claim: [],
      give: undefined,
    });
  });

  it('ends even within one, with the least moves, from wherever it begins', () => {
    const shape = fc.record({
      workers: fc.integer({ min: 1, max: 6 }),
      owners: fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 1, maxLength: 40 }),
    });
    fc.assert(
      fc.property(shape, ({ workers, owners }) => {
        const names = Array.from({ length: workers }, (_, i) => `w${i}`);
        const logins = owners.map((owner, i) => row(`l${i}`, owner >= 0 ? names[owner] : undefined));
        const held = names.map((name) => logins.filter(({ owner }) => owner === name).length);
        const { counts, moves } = settle(names, logins);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(logins.length);
        // Whoever had more than the larger share gave that much away, and nobody gave more than brings the smallest up.
        const floor = Math.floor(logins.length / workers);
        const surplus = held.reduce((sum, count) => sum + Math.max(0, count - floor - 1), 0);
        const deficit = held.reduce((sum, count) => sum + Math.max(0, floor - count), 0);
        expect(moves).toBeLessThanOrEqual(Math.max(surplus, deficit));
      }),
      { numRuns: 300 },
    );
  });
});
