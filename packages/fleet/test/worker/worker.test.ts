import { describe, expect, it } from '@jest/globals';
import { type ManualClock, NotConnectedError } from '@lp/core';
import { createDeferred } from '@lp/core/internal';
import { createSharedMemory, memoryEngine } from '../../src/index.ts';
import { createTime, turn } from '../support.ts';
import { createWorker, cutOff, type FakeSeat, type Made, names, TTL_MS } from './worker-support.ts';

describe('a worker', () => {
  it('joins, claims what is free and beats', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const a = createWorker('a', shared, clock, names(3));
    await a.worker.start();
    await clock.advance(TTL_MS);
    expect([a.states, a.held()]).toEqual([['member'], names(3)]);
    expect(shared.workers.get(a.worker.incarnation)).toMatchObject({ name: 'a', beat: 4 });
    expect(shared.workers.get(a.worker.incarnation)?.loads).toHaveProperty(['login 0', 'open'], 1);
    expect(a.worker.hasOthers).toBe(false);
  });

  it('claims at most sixteen at once that do not serve yet, so that some are left for who comes next', async () => {
    const { clock } = createTime();
    const a = createWorker('a', createSharedMemory(), clock, names(40));
    await a.worker.start();
    await clock.advance(1);
    expect(a.held()).toHaveLength(16);
    await clock.advance(TTL_MS);
    expect(a.held()).toHaveLength(40);
  });

  it('is not kept from claiming, or from giving others their share, by logins that fail', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const a = createWorker('a', shared, clock, names(20));
    const refuse = () => {
      for (const seat of a.seats.slice(0, 16)) Object.assign(seat, { isFailing: true, state: 'connecting' });
    };
    await a.worker.start();
    await clock.advance(1);
    refuse();
    await clock.advance(TTL_MS);
    expect(a.held()).toHaveLength(20);
    const b = createWorker('b', shared, clock, names(20));
    await b.worker.start();
    await clock.advance(10 * TTL_MS);
    expect([a.held().length, b.held().length]).toEqual([10, 10]);
  });

  it('gives others their share although a login waits for longer than a TTL for what the application does first', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const a = createWorker('a', shared, clock, names(6));
    await a.worker.start();
    await clock.advance(1);
    const stuck = a.seats[0] as FakeSeat;
    Object.assign(stuck, { state: 'connecting', connectingMs: TTL_MS - 1, suspend: () => undefined });
    const b = createWorker('b', shared, clock, names(6));
    await b.worker.start();
    await clock.advance(3 * TTL_MS);
    expect(b.held()).toEqual([]);
    stuck.connectingMs = TTL_MS;
    await clock.advance(3 * TTL_MS);
    expect([a.held().length, b.held().length]).toEqual([3, 3]);
  });

  it('takes what others have no room for, and gives them no more than they have room for', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const small = createWorker('small', shared, clock, names(8), TTL_MS, 2);
    const large = createWorker('large', shared, clock, names(8));
    await small.worker.start();
    await large.worker.start();
    await clock.advance(2 * TTL_MS);
    expect([small.held().length, large.held().length]).toEqual([2, 6]);
    const given = () => large.seats.flatMap(({ told }) => told);
    await clock.advance(10 * TTL_MS);
    expect([small.held().length, large.held().length, given()]).toEqual([2, 6, []]);
  });

  it('takes the logins that others do not know, and gives none of them away', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const old = createWorker('old', shared, clock, names(3));
    const now = createWorker('now', shared, clock, names(9));
    await old.worker.start();
    await clock.advance(1);
    await now.worker.start();
    await clock.advance(2 * TTL_MS);
    const all = names(9);
    expect([...old.held(), ...now.held()].toSorted()).toEqual(all);
    const told = () => [...old.seats, ...now.seats].flatMap((seat) => seat.told);
    await clock.advance(10 * TTL_MS);
    expect([[...old.held(), ...now.held()].toSorted(), told()]).toEqual([all, []]);
    // Neither gives a login that it cannot connect to the other, which may not know it.
    expect([old.worker.hasOthers, now.worker.hasOthers]).toEqual([false, false]);
  });

  it('tells which logins it knows now at each beat', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const known = names(2);
    const a = createWorker('a', shared, clock, known);
    await a.worker.start();
    const entry = () => shared.workers.get(a.worker.incarnation);
    expect([entry()?.list, entry()?.room]).toEqual(['login 0,login 1', undefined]);
    known.push('login 2');
    await clock.advance(TTL_MS);
    expect(entry()?.list).toBe('login 0,login 1,login 2');
  });

  it('takes over the logins of one that beats no more, under the next epoch and as not let go of', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const a = createWorker('a', shared, clock, names(4));
    await a.worker.start();
    await clock.advance(1);
    const b = createWorker('b', shared, clock, names(4));
    await b.worker.start();
    await clock.advance(TTL_MS / 2);
    cutOff(a.engine);
    await clock.advance(1.5 * TTL_MS);
    expect(b.buried).toEqual([a.worker.incarnation]);
    expect(b.seats.map(({ epoch, login }) => [login, epoch])).toEqual(names(4).map((login) => [login, 2]));
  });

  it('stops writing before anybody takes over, and lets everything go when it is back', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const a = createWorker('a', shared, clock, names(2));
    const b = createWorker('b', shared, clock, names(2));
    await a.worker.start();
    await clock.advance(1);
    await b.worker.start();
    await clock.advance(100);
    const [first] = a.seats as [FakeSeat];
    const restore = cutOff(a.engine);
    let freedAt = 0;
    let shutAt = 0;
    for (let ms = 0; ms < 2 * TTL_MS; ms += 10) {
      await clock.advance(10);
      if (shutAt === 0 && !first.gate.mayWrite()) shutAt = ms;
      if (freedAt === 0 && b.seats.length > 0) freedAt = ms;
    }
    expect(shutAt).toBeLessThan(freedAt);
    expect(freedAt - shutAt).toBeGreaterThanOrEqual(0.1 * TTL_MS - 10);
    expect(a.worker.state).toBe('suspended');
    expect(first.told).toEqual([]);
    const before = a.worker.incarnation;
    restore();
    await clock.advance(1_000);
    expect(first.told).toEqual(['lost']);
    expect(a.states).toEqual(['member', 'suspended', 'dead', 'joining', 'member']);
    expect(a.worker.incarnation).not.toBe(before);
    expect(first.gate.mayWrite()).toBe(false);
  });

  it('leaves one with a longer TTL alone for as long as that one may write', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const slow = createWorker('slow', shared, clock, names(2), 5 * TTL_MS);
    await slow.worker.start();
    await clock.advance(1);
    const quick = createWorker('quick', shared, clock, names(2));
    await quick.worker.start();
    await clock.advance(10 * TTL_MS);
    expect(quick.buried).toEqual([]);
    cutOff(slow.engine);
    await clock.advance(3 * TTL_MS);
    expect([quick.buried, slow.seats[0]?.gate.mayWrite()]).toEqual([[], true]);
    await clock.advance(3 * TTL_MS);
    expect([quick.buried.length, slow.seats[0]?.gate.mayWrite()]).toEqual([1, false]);
  });

  it('goes on with what it holds when the engine was away for everybody', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const [a, b] = ['a', 'b'].map((name) => createWorker(name, shared, clock, names(4))) as [Made, Made];
    await Promise.all([a.worker.start(), b.worker.start()]);
    await clock.advance(TTL_MS / 2);
    const held = [a.held(), b.held()];
    const restore = [cutOff(a.engine), cutOff(b.engine)];
    await clock.advance(10 * TTL_MS);
    expect([a.worker.state, b.worker.state]).toEqual(['suspended', 'suspended']);
    expect(a.seats.every(({ state }) => state === 'suspended')).toBe(true);
    for (const back of restore) back();
    await clock.advance(TTL_MS / 2);
    expect([a.buried, b.buried, a.worker.state, b.worker.state]).toEqual([[], [], 'member', 'member']);
    expect([a.held(), b.held()]).toEqual(held);
    expect([...a.seats, ...b.seats].flatMap(({ told }) => told)).toEqual([]);
    expect(a.seats.every(({ gate, state }) => state === 'serving' && gate.mayWrite())).toBe(true);
  });

  it('says once that the engine does not respond, and that it does again', async () => {
    const { clock } = createTime();
    const a = createWorker('a', createSharedMemory(), clock, names(1));
    await a.worker.start();
    await clock.advance(100);
    const restore = cutOff(a.engine);
    await clock.advance(5 * TTL_MS);
    restore();
    await clock.advance(TTL_MS);
    const said = a.lines.filter(({ level }) => level !== 'debug').map(({ level, message }) => `${level} ${message}`);
    expect(said).toEqual(['warn the engine does not respond', 'info the engine responds again']);
  });

  it('waits for the engine before it joins for the first time', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const a = createWorker('a', shared, clock, names(1));
    const restore = cutOff(a.engine);
    const started = a.worker.start();
    await clock.advance(10_000);
    expect([a.states, shared.workers.size]).toEqual([[], 0]);
    restore();
    await clock.advance(2_000);
    await started;
    expect(a.held()).toEqual(names(1));
  });

  it('beats no more when its commits do not succeed, so that others may try', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const a = createWorker('a', shared, clock, names(1));
    const b = createWorker('b', shared, clock, names(1));
    await a.worker.start();
    await clock.advance(1);
    await b.worker.start();
    a.engine.commit = () => Promise.reject(new NotConnectedError('the disk is full'));
    const record = { revision: 1, sequence: 1, ahead: [], said: -1, attempts: 0, data: {} };
    const commit = a.worker.committer.commit({ login: 'login 0', epoch: 1, dialogId: 'd', record });
    commit.catch(() => undefined);
    const before = a.worker.incarnation;
    await clock.advance(3 * TTL_MS);
    expect(b.buried).toEqual([before]);
    expect(a.seats[0]?.told).toEqual(['lost']);
    await expect(commit).rejects.toMatchObject({ code: 'FENCED' });
    expect(a.worker.incarnation).not.toBe(before);
  });

  it('gives what it held back when it drains, and leaves', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const [a, b] = ['a', 'b'].map((name) => createWorker(name, shared, clock, names(4))) as [Made, Made];
    await Promise.all([a.worker.start(), b.worker.start()]);
    await clock.advance(100);
    const drained = a.worker.drain();
    await clock.advance(1_000);
    await drained;
    await a.worker.left;
    expect(b.held()).toEqual(names(4));
    expect([...shared.workers.values()].map(({ name }) => name)).toEqual(['b']);
    expect(a.states.slice(-2)).toEqual(['draining', 'left']);
    expect(a.worker.lease.isValid).toBe(false);
  });

  /** A worker with forty logins, and another one that has just joined. */
  async function fullAndEmpty(clock: ManualClock) {
    const shared = createSharedMemory();
    const a = createWorker('a', shared, clock, names(40));
    await a.worker.start();
    await clock.advance(TTL_MS);
    const b = createWorker('b', shared, clock, names(40));
    await b.worker.start();
    await clock.advance(100);
    return { a, b, begun: () => a.seats.filter(({ told }) => told.length > 0).length };
  }

  it('hands over few at a time when it drains, and all of them however slow some are', async () => {
    const { clock } = createTime();
    const { a, b, begun } = await fullAndEmpty(clock);
    for (const seat of a.seats.slice(0, 8)) seat.slow = createDeferred<void>();
    const drained = a.worker.drain();
    await clock.advance(100);
    expect(begun()).toBe(4);
    await clock.advance(3_000);
    expect([begun(), b.held().length]).toEqual([40, 32]);
    for (const seat of a.seats) seat.slow?.resolve();
    await clock.advance(1_000);
    await drained;
    expect(b.held()).toEqual(names(40).toSorted());
  });

  it('keeps the next login until one before is ONLINE elsewhere, and hears of that well before the next beat', async () => {
    const { clock } = createTime();
    const { a, b, begun } = await fullAndEmpty(clock);
    b.logsIn.atOnce = false;
    void a.worker.drain();
    await clock.advance(1_500);
    expect([begun(), b.held().length]).toEqual([4, 4]);
    for (const seat of b.seats) seat.isOnline = true;
    b.worker.served();
    await clock.advance(200);
    expect(begun()).toBe(8);
  });

  it('goes on handing over although no login comes to be ONLINE elsewhere', async () => {
    const { clock } = createTime();
    const { a, b, begun } = await fullAndEmpty(clock);
    b.logsIn.atOnce = false;
    const drained = a.worker.drain();
    await clock.advance(2_500);
    expect(begun()).toBe(8);
    // A third of `drainTimeoutMs`, and what is under way by then.
    await clock.advance(5_000);
    await drained;
    expect([begun(), b.held().length, a.worker.state]).toEqual([40, 40, 'left']);
  });

  it.each(['its records are read', 'the engine has not answered to the claim'])(
    'gives back what it has just claimed when it drains while %s',
    async (what) => {
      const { clock } = createTime();
      const shared = createSharedMemory();
      const a = createWorker('a', shared, clock, names(2));
      const answered = createDeferred<void>();
      const claim = a.engine.claim.bind(a.engine);
      if (what === 'its records are read') a.beforeSeat.wait = answered;
      else
        a.engine.claim = async (incarnation, logins) => {
          const claims = await claim(incarnation, logins);
          await answered.promise;
          return claims;
        };
      await a.worker.start();
      await clock.advance(100);
      const drained = a.worker.drain();
      const b = createWorker('b', shared, clock, names(2));
      await b.worker.start();
      await clock.advance(100);
      answered.resolve();
      await clock.advance(1_000);
      await drained;
      expect(a.seats.map(({ told }) => told)).toEqual([['give back'], ['give back']]);
      expect([a.held(), b.held()]).toEqual([[], names(2)]);
      expect(b.seats.map(({ epoch }) => epoch)).toEqual([2, 2]);
    },
  );

  it('leaves although the engine is away, and sets no timer any more', async () => {
    const { clock } = createTime();
    const a = createWorker('a', createSharedMemory(), clock, []);
    await a.worker.start();
    await clock.advance(100);
    cutOff(a.engine);
    await a.worker.drain();
    expect(a.worker.state).toBe('left');
    expect(a.lines.at(-1)?.message).toBe('the worker could not be taken out of the fleet');
    await clock.advance(10 * TTL_MS);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each(['its handlers never end', 'the engine hangs', 'both'])(
    'leaves within one and a half times what handlers may take although %s, and ends what is left abruptly',
    async (what) => {
      const { clock } = createTime();
      const shared = createSharedMemory();
      const a = createWorker('a', shared, clock, names(2));
      await a.worker.start();
      await clock.advance(100);
      if (what !== 'the engine hangs') for (const seat of a.seats) seat.slow = createDeferred<void>();
      if (what !== 'its handlers never end')
        for (const call of ['order', 'release', 'read', 'remove'] as const)
          Object.assign(a.engine, { [call]: () => new Promise(() => undefined) });
      const drained = a.worker.drain();
      await clock.advance(19_990);
      expect([a.worker.state, a.seats.map(({ told }) => told.at(-1))]).toEqual([
        'draining',
        ['give back', 'give back'],
      ]);
      expect(a.worker.noTimeLeft.aborted).toBe(false);
      await clock.advance(2_510);
      await drained;
      expect([a.worker.state, a.seats.map(({ told }) => told.at(-1))]).toEqual(['left', ['lost', 'lost']]);
      expect([a.seats.map(({ gate }) => gate.hasEnded), a.worker.noTimeLeft.aborted]).toEqual([[true, true], true]);
      expect(a.lines.map(({ message }) => message)).toContain('there is no time left to hand logins over');
      // Where the engine can be reached, others need not wait for a burial.
      expect(shared.workers.size).toBe(what === 'its handlers never end' ? 0 : 1);
    },
  );

  it('leaves at once when it never started', async () => {
    const { clock } = createTime();
    const a = createWorker('a', createSharedMemory(), clock, names(1));
    cutOff(a.engine);
    await a.worker.drain();
    expect([a.states, a.lines]).toEqual([['left'], []]);
  });

  it('leaves while it still waits to join, and does not join afterwards', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const a = createWorker('a', shared, clock, names(1));
    const restore = cutOff(a.engine);
    const started = a.worker.start();
    await clock.advance(500);
    restore();
    await a.worker.drain();
    await clock.advance(5_000);
    await started;
    expect([a.worker.state, shared.workers.size, a.held()]).toEqual(['left', 0, []]);
  });

  it('drains when a person asks it to', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const a = createWorker('a', shared, clock, names(2));
    await a.worker.start();
    await clock.advance(100);
    await a.engine.order({ drain: 'a' });
    await clock.advance(100);
    expect(a.worker.state).toBe('left');
  });

  it('hands a login to another when a person asks for it, though it is even', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const [a, b] = ['a', 'b'].map((name) => createWorker(name, shared, clock, names(2))) as [Made, Made];
    await Promise.all([a.worker.start(), b.worker.start()]);
    await clock.advance(100);
    const [login = ''] = a.held();
    await b.engine.order({ move: login });
    await clock.advance(200);
    expect(b.held()).toContain(login);
    expect(a.seats.find((seat) => seat.login === login)?.told).toEqual(['move']);
  });

  it('serves what it was given by a claim whose response never came', async () => {
    const { clock } = createTime();
    const a = createWorker('a', createSharedMemory(), clock, names(2));
    const claim = a.engine.claim.bind(a.engine);
    a.engine.claim = async (incarnation, logins) => {
      await claim(incarnation, logins);
      a.engine.claim = claim;
      throw new NotConnectedError('no response');
    };
    await a.worker.start();
    await clock.advance(TTL_MS);
    expect(a.held()).toEqual(names(2));
  });

  it('begins nothing with a claim from before it was buried', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const a = createWorker('a', shared, clock, names(1));
    let goOn: () => void = () => undefined;
    const claim = a.engine.claim.bind(a.engine);
    a.engine.claim = async (incarnation, logins) => {
      const claims = await claim(incarnation, logins);
      a.engine.claim = claim;
      await new Promise<void>((resolve) => (goOn = resolve));
      return claims;
    };
    await a.worker.start();
    await clock.advance(100);
    await memoryEngine(shared).remove(a.worker.incarnation);
    await clock.advance(TTL_MS);
    expect(a.states).toContain('dead');
    goOn();
    await turn();
    expect(a.seats).toEqual([]);
    await clock.advance(TTL_MS);
    expect(a.seats.map(({ epoch, told }) => [epoch, told])).toEqual([[2, []]]);
  });

  it('begins nothing either when it was buried while the records of a login were read', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const a = createWorker('a', shared, clock, names(1));
    a.beforeSeat.wait = createDeferred<void>();
    await a.worker.start();
    await clock.advance(100);
    await memoryEngine(shared).remove(a.worker.incarnation);
    await clock.advance(TTL_MS);
    a.beforeSeat.wait.resolve();
    a.beforeSeat.wait = undefined;
    await clock.advance(TTL_MS);
    expect(a.seats.map(({ epoch, told }) => [epoch, told])).toEqual([
      [1, ['lost']],
      [2, []],
    ]);
  });

  it('gives back what is no longer among its logins', async () => {
    const { clock } = createTime();
    const logins = names(3);
    const a = createWorker('a', createSharedMemory(), clock, logins);
    await a.worker.start();
    await clock.advance(100);
    logins.pop();
    await clock.advance(TTL_MS);
    expect(a.held()).toEqual(names(2));
    expect(a.seats.find(({ login }) => login === 'login 2')?.told).toEqual(['give back']);
  });

  it('gives a worker that joins its share, but not before a TTL has passed', async () => {
    const { clock } = createTime();
    const shared = createSharedMemory();
    const a = createWorker('a', shared, clock, names(6));
    await a.worker.start();
    await clock.advance(2 * TTL_MS);
    const b = createWorker('b', shared, clock, names(6));
    await b.worker.start();
    await clock.advance(0.9 * TTL_MS);
    expect(b.held()).toEqual([]);
    await clock.advance(2 * TTL_MS);
    expect([a.held().length, b.held().length]).toEqual([3, 3]);
    expect(a.seats.filter(({ told }) => told.length > 0)).toHaveLength(3);
  });
});
