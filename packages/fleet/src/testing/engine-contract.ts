// Over 300 lines: it is one list of demands.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { DialogRecord } from '../engine/dialog-record.ts';
import type { Change, FleetEngine } from '../engine/engine.ts';

/** One demand of the contract. */
export interface EngineDemand {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** What the contract is tested with. */
export interface EngineContractSetting {
  /** Makes an engine, not yet open, on one and the same store for all calls: as two processes of a fleet have it. */
  readonly createEngine: () => FleetEngine;
  /** Default `le12345678`. */
  readonly accountId?: string;
}

const record = (revision: number, sequence: number, rest: Partial<DialogRecord> = {}): DialogRecord => ({
  revision,
  sequence,
  ahead: [],
  said: -1,
  attempts: 0,
  data: {},
  ...rest,
});

/**
 * What every engine has to do, as named functions for any test runner:
 * `it.each(engineContract({ createEngine }))('$name', ({ run }) => run())`. Each makes workers and logins of its own,
 * so all can run on one store.
 */
export function engineContract({ createEngine, accountId = 'le12345678' }: EngineContractSetting): EngineDemand[] {
  const setting = { accountId, callTimeoutMs: 5_000 };

  /** Two engines on the store, a worker in each, and a login's name. */
  async function withTwo(
    body: (two: { a: FleetEngine; b: FleetEngine; one: string; other: string; login: string }) => Promise<void>,
  ): Promise<void> {
    const [a, b] = [createEngine(), createEngine()];
    const [one, other] = [randomUUID(), randomUUID()];
    await Promise.all([a.open(setting), b.open(setting)]);
    try {
      await a.join({ incarnation: one, name: `one ${one}`, ttlMs: 3_000 });
      await b.join({ incarnation: other, name: `other ${other}`, ttlMs: 4_500 });
      await body({ a, b, one, other, login: `bot-${randomUUID()}@example.com` });
    } finally {
      await Promise.all([a.remove(one), b.remove(other)]);
      await Promise.all([a.close(), b.close()]);
    }
  }

  const demands: Record<string, Parameters<typeof withTwo>[0]> = {
    'counts the beats of a worker, and every worker sees them': async ({ a, b, one, other }) => {
      assert.equal((await b.pulse()).get(one)?.beat, 0);
      assert.equal(await a.beat(one, {}), true);
      assert.equal(await a.beat(one, {}), true);
      assert.equal((await b.pulse()).get(one)?.beat, 2);
      assert.equal((await a.pulse()).get(other)?.beat, 0);
    },
    'tells the name of each worker, and its TTL, which others go by': async ({ a, b, one, other }) => {
      const [pulses, { workers }] = [await a.pulse(), await b.read()];
      assert.deepEqual([pulses.get(one)?.ttlMs, pulses.get(other)?.ttlMs], [3_000, 4_500]);
      const found = workers.find(({ incarnation }) => incarnation === other);
      assert.deepEqual([found?.ttlMs, found?.name], [4_500, `other ${other}`]);
    },
    'tells how many logins a worker has room for, and which list of them it has now': async ({ a, b, one, other }) => {
      const small = randomUUID();
      const found = async (incarnation: string) => {
        const { list, room } = (await b.read()).workers.find((worker) => worker.incarnation === incarnation) ?? {};
        return [room, list];
      };
      await a.join({ incarnation: small, name: `small ${small}`, ttlMs: 3_000, room: 7, list: 'first' });
      assert.deepEqual(
        [await found(small), await found(one)],
        [
          [7, 'first'],
          [undefined, undefined],
        ],
      );
      await a.beat(small, {}, 'second');
      await b.beat(other, {}, 'third');
      assert.deepEqual(
        [await found(small), await found(other)],
        [
          [7, 'second'],
          [undefined, 'third'],
        ],
      );
      await a.remove(small);
    },
    'tells a worker that was removed, at its next beat, and never enters it again': async ({ a, b, one }) => {
      assert.equal(await b.remove(one), true);
      assert.equal(await b.remove(one), false);
      assert.equal(await a.beat(one, {}), false);
      assert.equal((await b.pulse()).has(one), false);
    },
    'buries a worker only while its beat is the one that was seen': async ({ a, b, one }) => {
      await a.beat(one, {});
      assert.equal(await b.remove(one, 0), false);
      assert.equal(await a.beat(one, {}), true);
      assert.equal(await b.remove(one, 2), true);
    },
    'gives a login to one of many who claim it at once': async ({ a, b, one, other, login }) => {
      const claims = await Promise.all(
        Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? a.claim(one, [login]) : b.claim(other, [login]))),
      );
      assert.equal(claims.flat().length, 1);
      assert.deepEqual(claims.flat()[0], { login, epoch: 1, clean: true });
    },
    'counts the epoch up with each claim, and says whether the owner before let go': async ({
      a,
      b,
      one,
      other,
      login,
    }) => {
      await a.claim(one, [login]);
      assert.equal(await a.release(one, { login, epoch: 1 }), true);
      assert.deepEqual(await b.claim(other, [login]), [{ login, epoch: 2, clean: true }]);
      await a.remove(other);
      assert.deepEqual(await a.claim(one, [login]), [{ login, epoch: 3, clean: false }]);
    },
    'claims several logins at once, those that are free': async ({ a, b, one, other, login }) => {
      const logins = [1, 2, 3].map((n) => `${login} ${n}`);
      await b.claim(other, logins.slice(1, 2));
      const claimed = (await a.claim(one, logins)).map((claim) => claim.login).toSorted();
      assert.deepEqual(claimed, [logins[0], logins[2]]);
      assert.deepEqual(await a.claim(one, []), []);
    },
    'gives nothing to a worker that is not entered': async ({ a, login, one }) => {
      await a.remove(one);
      await assert.rejects(a.claim(one, [login]));
      const found = (await a.read()).logins.find((row) => row.login === login);
      assert.equal(found?.owner, undefined);
    },
    'frees the logins of a worker that is removed': async ({ a, b, one, login }) => {
      await a.claim(one, [login]);
      await b.remove(one);
      const row = (await b.read()).logins.find((entry) => entry.login === login);
      assert.deepEqual([row?.owner, row?.epoch, row?.clean], [undefined, 1, false]);
      assert.ok(Number.isFinite(row?.since), 'says since when');
    },
    'takes a release from the owner under its epoch, and from nobody else': async ({ a, b, one, other, login }) => {
      await a.claim(one, [login]);
      assert.equal(await b.release(other, { login, epoch: 1 }), false);
      assert.equal(await a.release(one, { login, epoch: 2 }), false);
      assert.equal(await a.release(one, { login, epoch: 1 }), true);
      assert.equal(await a.release(one, { login, epoch: 1 }), false);
    },
    'remembers who should not have a login again, until it is claimed': async ({ a, b, one, other, login }) => {
      await a.claim(one, [login]);
      await a.release(one, { login, epoch: 1, avoidMe: true });
      const row = async () => (await b.read()).logins.find((entry) => entry.login === login);
      assert.equal((await row())?.avoid, one);
      await b.claim(other, [login]);
      assert.equal((await row())?.avoid, undefined);
    },
    'asks for a login to be handed over until it was': async ({ a, b, one, other, login }) => {
      const move = async () => (await b.read()).logins.find((row) => row.login === login)?.move;
      await a.claim(one, [login]);
      assert.equal(await move(), false);
      await b.order({ move: login });
      assert.equal(await move(), true);
      await a.release(one, { login, epoch: 1 });
      assert.equal(await move(), false);
      await b.claim(other, [login]);
      await b.order({ move: login });
      await b.remove(other);
      await a.claim(one, [login]);
      assert.equal(await move(), false);
    },
    'sets a login aside until it is readmitted': async ({ a, b, one, other, login }) => {
      await a.claim(one, [login]);
      await a.release(one, { login, epoch: 1, aside: 'CREDENTIALS_INVALID' });
      assert.deepEqual(await b.claim(other, [login]), []);
      assert.equal((await b.read()).logins.find((row) => row.login === login)?.aside, 'CREDENTIALS_INVALID');
      await b.readmit(login);
      assert.equal((await b.claim(other, [login])).length, 1);
      await b.readmit(`${login} that nobody has heard of`);
      await b.release(other, { login, epoch: 2, aside: 'CREDENTIALS_INVALID' });
      assert.equal(await b.order({ move: login }), true);
      assert.equal((await a.claim(one, [login])).length, 1);
    },
    'shows what workers tell of their logins': async ({ a, b, one, login }) => {
      const loads = { [login]: { open: 3, unhandled: 2, oldestUnhandledMs: 1_500 } };
      await a.beat(one, loads);
      const worker = (await b.read()).workers.find(({ incarnation }) => incarnation === one);
      assert.deepEqual(worker?.loads, loads);
      assert.equal(worker?.beat, 1);
      assert.equal(worker?.draining, false);
    },
    'keeps records whole, and gives back those of the login alone': async ({ a, b, one, login }) => {
      const full = record(1, 7, {
        ahead: [9, 11],
        said: 8,
        attempts: 2,
        data: { cart: { version: 2, value: { items: ['tea', 'a\u0000b', '\ud800', '𝒳'], count: 1.5, none: null } } },
      });
      await a.claim(one, [login, `${login} 2`]);
      const changes: Change[] = [
        { login, epoch: 1, dialogId: 'd1', record: full },
        { login, epoch: 1, dialogId: 'd2', record: record(1, 0) },
        { login: `${login} 2`, epoch: 1, dialogId: 'd1', record: record(1, 3) },
      ];
      assert.deepEqual(await a.commit(one, changes), ['kept', 'kept', 'kept']);
      assert.deepEqual(
        new Map(await b.load(login)),
        new Map([
          ['d1', full],
          ['d2', record(1, 0)],
        ]),
      );
      assert.deepEqual(new Map(await b.load(`${login} 2`)), new Map([['d1', record(1, 3)]]));
      assert.equal((await b.load('nobody')).size, 0);
    },
    'forgets a record that is no longer wanted': async ({ a, one, login }) => {
      await a.claim(one, [login]);
      await a.commit(one, [{ login, epoch: 1, dialogId: 'd', record: record(1, 3) }]);
      const forget = { login, epoch: 1, dialogId: 'd', record: undefined };
      assert.deepEqual(await a.commit(one, [forget]), ['kept']);
      assert.equal((await a.load(login)).size, 0);
      assert.deepEqual(await a.commit(one, [forget]), ['kept']);
    },
    'refuses a revision that is not newer, but takes the repetition of a call': async ({ a, one, login }) => {
      const at = (revision: number, sequence: number): Change => ({
        login,
        epoch: 1,
        dialogId: 'd',
        record: record(revision, sequence),
      });
      await a.claim(one, [login]);
      assert.deepEqual(await a.commit(one, [at(1, 1)]), ['kept']);
      assert.deepEqual(await a.commit(one, [at(2, 2)]), ['kept']);
      assert.deepEqual(await a.commit(one, [at(2, 2)]), ['kept']);
      assert.deepEqual(await a.commit(one, [at(1, 9)]), ['stale']);
      assert.equal((await a.load(login)).get('d')?.sequence, 2);
    },
    'never takes a commit under a stale epoch, and takes the others of the same call': async ({
      a,
      b,
      one,
      other,
      login,
    }) => {
      const second = `${login} 2`;
      await a.claim(one, [login, second]);
      await a.commit(one, [{ login, epoch: 1, dialogId: 'd', record: record(1, 1) }]);
      await a.release(one, { login, epoch: 1 });
      await b.claim(other, [login]);
      await b.commit(other, [{ login, epoch: 2, dialogId: 'd', record: record(2, 5) }]);
      const outcomes = await a.commit(one, [
        { login, epoch: 1, dialogId: 'd', record: record(3, 2) },
        { login, epoch: 2, dialogId: 'e', record: record(3, 2) },
        { login: second, epoch: 1, dialogId: 'd', record: record(1, 4) },
        { login, epoch: 1, dialogId: 'gone', record: undefined },
      ]);
      assert.deepEqual(outcomes, ['stale', 'stale', 'kept', 'stale']);
      assert.equal((await b.load(login)).get('d')?.sequence, 5);
      assert.equal((await b.load(second)).get('d')?.sequence, 4);
    },
    'takes no commit of an earlier epoch from the owner of both: it has read anew since': async ({ a, one, login }) => {
      const change = { login, epoch: 1, dialogId: 'd', record: record(1, 1) };
      await a.claim(one, [login]);
      await a.release(one, { login, epoch: 1 });
      await a.claim(one, [login]);
      assert.deepEqual(await a.commit(one, [change, { ...change, dialogId: 'gone', record: undefined }]), [
        'stale',
        'stale',
      ]);
      assert.equal((await a.load(login)).size, 0);
    },
    'takes no revision that is kept already from the next owner: that one has not read it': async ({
      a,
      b,
      one,
      other,
      login,
    }) => {
      const first = { login, epoch: 1, dialogId: 'd', record: record(1, 1) };
      await a.claim(one, [login]);
      await a.commit(one, [first]);
      await a.release(one, { login, epoch: 1 });
      await b.claim(other, [login]);
      assert.deepEqual(await b.commit(other, [{ ...first, epoch: 2, record: record(1, 4) }]), ['stale']);
      assert.deepEqual(await b.commit(other, [{ ...first, epoch: 2, record: record(2, 2) }]), ['kept']);
      assert.equal((await a.load(login)).get('d')?.sequence, 2);
    },
    'takes no commit of a worker that was buried, though nobody has claimed the login since': async ({
      a,
      b,
      one,
      login,
    }) => {
      await a.claim(one, [login]);
      await b.remove(one);
      const change = { login, epoch: 1, dialogId: 'd', record: record(1, 1) };
      assert.deepEqual(await a.commit(one, [change]), ['stale']);
    },
    'lets every record through that was committed before a claim, and none after': async ({
      a,
      b,
      one,
      other,
      login,
    }) => {
      await a.claim(one, [login]);
      let revision = 0;
      let fenced = false;
      // An engine that never refuses must not keep the test going for ever.
      let last = Number.POSITIVE_INFINITY;
      const writing = (async () => {
        while (!fenced && revision < last) {
          // An engine in memory would let nobody else have a turn.
          await new Promise((resolve) => setImmediate(resolve));
          const change = { login, epoch: 1, dialogId: 'd', record: record(++revision, revision) };
          fenced = (await a.commit(one, [change]))[0] === 'stale';
        }
      })();
      while (revision < 20) await new Promise((resolve) => setImmediate(resolve));
      await b.remove(one);
      await b.claim(other, [login]);
      const seen = (await b.load(login)).get('d')?.revision;
      last = revision + 20;
      await writing;
      assert.equal((await b.load(login)).get('d')?.revision, seen);
    },
    'gives turns one after the other, across workers': async ({ a, b }) => {
      const key = randomUUID();
      const waits = [];
      for (const engine of [a, b, a]) waits.push(await engine.limit(key, { turnEveryMs: 10_000 }));
      assert.ok((waits[0] ?? 0) <= 1, `the first waits ${waits[0]} ms`);
      assert.ok((waits[1] ?? 0) > 8_000 && (waits[1] ?? 0) <= 10_000, `the second waits ${waits[1]} ms`);
      assert.ok((waits[2] ?? 0) > 16_000 && (waits[2] ?? 0) <= 20_000, `the third waits ${waits[2]} ms`);
    },
    'keeps limits apart, and nobody waiting for a turn for more than a minute': async ({ a, b }) => {
      const [key, other] = [randomUUID(), randomUUID()];
      assert.equal(await a.limit(key, { ask: 'held' }), 0);
      assert.ok((await b.limit(key, { turnEveryMs: 10_000 })) <= 1, 'to ask takes no turn');
      for (let turns = 0; turns < 3; turns++) {
        const wait = await b.limit(other, { turnEveryMs: 600_000 });
        assert.ok(turns === 0 ? wait <= 1 : wait > 50_000 && wait <= 60_000, `turn ${turns} waits ${wait} ms`);
      }
      await a.limit(other, { holdMs: 60_000 });
      assert.equal(await a.limit(key, { ask: 'held' }), 0);
    },
    'holds everybody back when one is told to wait, for a minute at most': async ({ a, b }) => {
      const key = randomUUID();
      assert.equal(await b.limit(key, { ask: 'held' }), 0);
      await a.limit(key, { holdMs: 9e12 });
      const held = await b.limit(key, { ask: 'held' });
      assert.ok(held > 50_000 && held <= 60_000, `held for ${held} ms`);
      assert.ok((await b.limit(key, { holdMs: 1 })) > 50_000);
      assert.ok((await b.limit(key, { turnEveryMs: 1 })) > 50_000);
    },
    'notes what a person asks for, and says when there is nothing like it': async ({ a, b, one, other, login }) => {
      await a.claim(one, [login]);
      assert.equal(await b.order({ move: login }), true);
      assert.equal(await b.order({ drain: `one ${one}` }), true);
      const { workers, logins } = await a.read();
      assert.equal(logins.find((row) => row.login === login)?.move, true);
      assert.equal(workers.find(({ incarnation }) => incarnation === one)?.draining, true);
      assert.equal(await b.order({ move: `${login}?` }), false);
      assert.equal(await b.order({ drain: 'nobody' }), false);
      assert.equal(await a.order({ drain: other }), true);
      assert.equal((await a.read()).workers.find(({ incarnation }) => incarnation === other)?.draining, true);
      assert.ok(!(await a.read()).logins.some((row) => row.login === `${login}?`), 'a question makes no login');
    },
    'goes on for one when the other is closed, and lets both listen': async ({ a, b, one, other, login }) => {
      for (const engine of [a, b]) {
        const stop = engine.onWake(() => undefined);
        assert.equal(typeof stop, 'function');
        stop();
      }
      await a.close();
      assert.equal(await b.beat(other, {}), true);
      assert.equal((await b.pulse()).has(one), true);
      assert.equal((await b.claim(other, [login])).length, 1);
      await a.open(setting);
    },
    'names logins as they are, whatever is in their names': async ({ a, b, one, login }) => {
      const names = [`${login}'; drop table logins; --`, `${login}"{},\\`, `${login} ü 𝒳 %`];
      assert.equal((await a.claim(one, names)).length, 3);
      const read = new Set((await b.read()).logins.map((row) => row.login));
      assert.deepEqual(
        names.filter((name) => !read.has(name)),
        [],
      );
    },
  };

  return Object.entries(demands).map(([name, body]) => ({ name, run: () => withTwo(body) }));
}
