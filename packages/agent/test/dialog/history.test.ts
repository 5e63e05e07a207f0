import { describe, expect, it } from '@jest/globals';
import { createManualClock, OutcomeUnknownError, RequestTimeoutError } from '@lp/core';
import fc from 'fast-check';
import { type HistoryParts, HistoryReader, pageSizeFor } from '../../src/dialog/history.ts';
import type { MessagingEvent } from '../../src/inbound/mapping/index.ts';
import { steadinessOf } from '../../src/link/steadiness.ts';

// The connection has always lasted.
const STEADY = { losses: 0, inMs: () => 0 };

interface Traits {
  readonly from: 'oldest' | 'newest';
  readonly pageSize: number;
  readonly inclusive: boolean;
}

/** A history with these numbers, on a platform with these traits. Queries for more than `deadly` events break the connection. */
function platform(numbers: readonly number[], traits: Traits, deadly = Number.POSITIVE_INFINITY) {
  const clock = createManualClock();
  const queries: { readonly maxQuantity?: number | undefined }[] = [];
  const reader = new HistoryReader({
    clock,
    pageSize: 200,
    steadiness: STEADY,
    requests: {
      async queryMessages(body) {
        queries.push(body);
        const { newerThanSequence = -2, olderThanSequence = 1e9, maxQuantity = 1e9 } = body;
        if (maxQuantity > deadly) throw new OutcomeUnknownError('cut');
        const own = traits.inclusive ? 0 : 1;
        const range = numbers.filter((n) => n >= newerThanSequence + own && n <= olderThanSequence - own);
        const size = Math.min(maxQuantity, traits.pageSize);
        const page = traits.from === 'oldest' ? range.slice(0, size) : range.slice(-size);
        return page.map((sequence) => ({ sequence, event: { type: 'ContentEvent' } }) as unknown as MessagingEvent);
      },
    },
  });
  return { clock, queries, reader };
}

async function readAll(reader: HistoryReader, after = -1): Promise<(number | undefined)[]> {
  const read: (number | undefined)[] = [];
  for await (const page of reader.pages({ dialogId: 'd', after })) read.push(...page.map(({ sequence }) => sequence));
  return read;
}

// A page of one that begins with what is known already could never be followed by another.
const traits: fc.Arbitrary<Traits> = fc
  .record({
    from: fc.constantFrom<'oldest' | 'newest'>('oldest', 'newest'),
    pageSize: fc.integer({ min: 1, max: 12 }),
    inclusive: fc.boolean(),
  })
  .filter(({ inclusive, pageSize }) => !inclusive || pageSize > 1);
const numbers = fc.uniqueArray(fc.nat(80), { maxLength: 40 }).map((list) => list.toSorted((a, b) => a - b));

describe('a history', () => {
  // verifies: durable:pages
  it('is read whole, in order, each once, whichever end its pages come from', async () => {
    await fc.assert(
      fc.asyncProperty(numbers, traits, fc.integer({ min: -1, max: 80 }), async (log, how, after) => {
        const { reader } = platform(log, how);
        expect(await readAll(reader, after)).toEqual(log.filter((number) => number > after));
      }),
      { numRuns: 500 },
    );
  });

  describe('whose last message is known', () => {
    const upTo = (length: number) => Array.from({ length }, (_, index) => index);
    /** Reads a history of so many events; gives how many there were, and how many queries it took. */
    function reading(pageSize: number) {
      const log: number[] = [];
      const { queries, reader } = platform(log, { from: 'oldest', pageSize, inclusive: false });
      return async (length: number, known = (): number | undefined => length - 1) => {
        log.splice(0, log.length, ...upTo(length));
        const before = queries.length;
        let read = 0;
        for await (const page of reader.pages({ dialogId: 'd', after: -1 }, undefined, known)) read += page.length;
        return [read, queries.length - before];
      };
    }

    it('is asked for once, when a page is shorter than another one was', async () => {
      const read = reading(100);
      expect([await read(10), await read(9), await read(4), await read(10)]).toEqual([
        [10, 2],
        [9, 1],
        [4, 1],
        [10, 2],
      ]);
    });

    it('is asked for once, when histories have ended at that length again and again', async () => {
      const read = reading(100);
      for (let time = 0; time < 3; time++) expect(await read(10)).toEqual([10, 2]);
      expect(await read(10)).toEqual([10, 1]);
    });

    it('is read to its last message, and a length that was no end is never believed again', async () => {
      const read = reading(5);
      for (let time = 0; time < 3; time++) await read(5);
      expect(await read(12)).toEqual([12, 3]);
      expect(await read(5)).toEqual([5, 2]);
    });

    it('is read to its end where pages go on at several lengths, as those do that are bounded by their size', async () => {
      // Long messages at first, then short ones.
      const log = Array.from({ length: 40 }, (_, n) => ({ n, size: n < 10 ? 500 : 100 }));
      const requests: HistoryParts['requests'] = {
        async queryMessages({ newerThanSequence = -1 }) {
          let room = 2_000;
          const page = log.filter(({ n, size }) => n > newerThanSequence && (room -= size) >= 0);
          return page.map(({ n }) => ({ sequence: n, event: { type: 'ContentEvent' } }) as unknown as MessagingEvent);
        },
      };
      const reader = new HistoryReader({ clock: createManualClock(), pageSize: 200, steadiness: STEADY, requests });
      const read = async (after: number, known: number) => {
        const pages: number[] = [];
        for await (const page of reader.pages({ dialogId: 'd', after }, undefined, () => known))
          pages.push(page.length);
        return pages;
      };
      expect(await read(-1, 39)).toEqual([4, 4, 12, 20]);
      // An answer that is told of nowhere stands on the page behind the last message.
      log.push({ n: 40, size: 1_950 });
      expect(await read(38, 39)).toEqual([1, 1]);
    });

    it('is asked for once at a length at which another one went on because no more was asked for', async () => {
      let asked = 0;
      const requests: HistoryParts['requests'] = {
        async queryMessages({ dialogId, newerThanSequence = -1, maxQuantity = 0 }) {
          asked++;
          if (dialogId === 'giant' && maxQuantity > 50) throw new OutcomeUnknownError('cut');
          const range = upTo(dialogId === 'giant' ? 60 : 30).filter((n) => n > newerThanSequence);
          const page = range.slice(0, maxQuantity);
          return page.map((sequence) => ({ sequence, event: { type: 'ContentEvent' } }) as unknown as MessagingEvent);
        },
      };
      const reader = new HistoryReader({ clock: createManualClock(), pageSize: 200, steadiness: STEADY, requests });
      await expect(readAll(reader)).resolves.toHaveLength(30);
      const giant = { dialogId: 'giant', after: -1 };
      await expect(reader.page(giant)).rejects.toThrow(OutcomeUnknownError);
      for await (const page of reader.pages(giant)) expect(page.length).toBeLessThanOrEqual(25);
      asked = 0;
      for await (const page of reader.pages({ dialogId: 'd', after: 3 }, undefined, () => 29))
        expect(page).toHaveLength(26);
      expect(asked).toBe(1);
    });

    it('is asked for again where as many came as were asked for, or the last message is not known', async () => {
      const read = reading(1_000);
      for (let time = 0; time < 5; time++) expect(await read(200)).toEqual([200, 2]);
      for (let time = 0; time < 5; time++) expect(await read(10, () => undefined)).toEqual([10, 2]);
    });
  });

  it('is read behind a page of a single event too, however large others were', async () => {
    const log = Array.from({ length: 8 }, (_, n) => n);
    const sizes = { d: 1, short: 200 };
    const requests: HistoryParts['requests'] = {
      async queryMessages({ dialogId, newerThanSequence = -1, olderThanSequence = 1e9 }) {
        const range = log.filter((n) => n > newerThanSequence && n < olderThanSequence);
        const page = range.slice(-sizes[dialogId as keyof typeof sizes]);
        return page.map((sequence) => ({ sequence, event: { type: 'ContentEvent' } }) as unknown as MessagingEvent);
      },
    };
    const reader = new HistoryReader({ clock: createManualClock(), pageSize: 200, steadiness: STEADY, requests });
    expect(await reader.page({ dialogId: 'short', after: -1 })).toHaveLength(8);
    expect(await readAll(reader)).toEqual(log);
  });

  it('gives the newest of what is wanted, whichever end its pages come from', async () => {
    await fc.assert(
      fc.asyncProperty(
        numbers,
        traits,
        fc.option(fc.nat(90), { nil: undefined }),
        fc.integer({ min: 1, max: 9 }),
        async (log, how, before, count) => {
          const { reader } = platform(log, how);
          const wanted = ({ sequence = 0 }: MessagingEvent) => sequence % 3 !== 0;
          const found = await reader.newest({ dialogId: 'd', before, count }, wanted);
          const below = log.filter((n) => n % 3 !== 0 && n < (before ?? Number.POSITIVE_INFINITY));
          expect(found.map(({ sequence }) => sequence)).toEqual(below.slice(-count));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('asks for no more than a page, with a size that keeps the response below the socket’s limit', async () => {
    const { reader, queries } = platform([0, 1], { from: 'oldest', pageSize: 50, inclusive: false });
    await readAll(reader);
    expect(queries.every(({ maxQuantity }) => maxQuantity === 200)).toBe(true);
    expect([pageSizeFor(32 * 2 ** 20), pageSizeFor(2 ** 21), pageSizeFor(1_000)]).toEqual([200, 58, 1]);
  });
});

describe('a query that breaks the connection', () => {
  const how: Traits = { from: 'oldest', pageSize: 1_000, inclusive: false };
  const log = Array.from({ length: 30 }, (_, n) => n);

  // verifies: durable:breaking-query
  it('is asked again with an eighth of the quantity, and the size that went well is kept', async () => {
    const { reader, queries } = platform(log, how, 30);
    await expect(readAll(reader)).rejects.toThrow(OutcomeUnknownError);
    expect(await readAll(reader)).toEqual(log);
    expect(queries.map(({ maxQuantity }) => maxQuantity)).toEqual([200, 25, 25, 25]);
  });

  // verifies: durable:breaking-query
  it('is not asked for ever: not even one event can be had, so the dialog is left alone for a minute, and longer each time', async () => {
    const { clock, reader, queries } = platform(log, how, 0);
    for (let tries = 0; tries < 5; tries++) await expect(readAll(reader)).rejects.toThrow(OutcomeUnknownError);
    await expect(readAll(reader)).rejects.toThrow(/history of dialog d cannot be read.*raise maxPayloadBytes/);
    expect(queries.map(({ maxQuantity }) => maxQuantity)).toEqual([200, 25, 3, 1, 1]);
    for (const minutes of [1, 2, 4, 8, 10, 10]) {
      await clock.advance(minutes * 60_000 - 1);
      await expect(readAll(reader)).rejects.toMatchObject({ context: { retryAfterMs: 1 } });
      await clock.advance(1);
      await expect(readAll(reader)).rejects.toThrow(OutcomeUnknownError);
    }
    expect(queries).toHaveLength(11);
  });

  // verifies: durable:breaking-query
  it('does not reach whoever wants the newest: reading begins again, and ends when the dialog is left alone', async () => {
    const newest = { dialogId: 'd', count: 2 };
    const { reader, queries } = platform(log, how, 30);
    expect((await reader.newest(newest, () => true)).map(({ sequence }) => sequence)).toEqual([28, 29]);
    expect(queries.map(({ maxQuantity }) => maxQuantity).slice(0, 2)).toEqual([200, 25]);
    const { reader: broken } = platform(log, how, 0);
    await expect(broken.newest(newest, () => true)).rejects.toThrow(/history of dialog d cannot be read/);
  });

  it.each(['oldest', 'newest'] as const)(
    'is read on one by one, also where bounds are given too: %s first',
    async (from) => {
      const { reader } = platform(log, { from, pageSize: 50, inclusive: true }, 2);
      for (let tries = 0; tries < 4; tries++) await readAll(reader).catch(() => undefined);
      expect(await readAll(reader, 3)).toEqual(log.slice(4));
    },
  );

  it('is not told from one that was under way with it, until each is asked alone', async () => {
    const clock = createManualClock();
    let under = 0;
    let most = 0;
    const reader = new HistoryReader({
      clock,
      pageSize: 8,
      steadiness: STEADY,
      requests: {
        async queryMessages({ dialogId, maxQuantity = 0 }) {
          most = maxQuantity < 8 ? Math.max(most, ++under) : most;
          await Promise.resolve();
          if (maxQuantity < 8) under--;
          // The giant takes everybody's responses with it.
          if (maxQuantity === 8 || dialogId === 'giant') throw new OutcomeUnknownError('cut');
          return [];
        },
      },
    });
    const read = (dialogId: string) => reader.page({ dialogId, after: -1 }).catch((error: Error) => error.name);
    await Promise.all([read('giant'), read('a'), read('b')]);
    const outcomes = await Promise.all([read('giant'), read('a'), read('b')]);
    expect([outcomes, most]).toEqual([['OutcomeUnknownError', [], []], 1]);
  });

  it('is not to blame for connections that break by themselves: after two of them it is asked on one that has lasted', async () => {
    const clock = createManualClock();
    let flaps = true;
    let asked = 0;
    const reader = new HistoryReader({
      clock,
      pageSize: 200,
      steadiness: { losses: 0, inMs: () => (flaps ? 2_000 : 0) },
      requests: {
        async queryMessages() {
          asked++;
          if (flaps) throw new OutcomeUnknownError('cut');
          return [];
        },
      },
    });
    for (let tries = 0; tries < 2; tries++) await expect(readAll(reader)).rejects.toThrow(OutcomeUnknownError);
    const read = readAll(reader);
    await clock.advance(300_000);
    expect(asked).toBe(2);
    flaps = false;
    await clock.advance(2_000);
    expect([await read, asked]).toEqual([[], 3]);
  });

  describe('by connections that are lost', () => {
    /** A reader that asks again whenever its query was lost; `lose` ends the connection, and the next one comes at once. */
    function connected(respond: (dialogId: string) => MessagingEvent[] | 'break' | 'late') {
      const clock = createManualClock();
      let tell: (type: string) => void = () => undefined;
      const pending = new Set<(error: Error) => void>();
      const onStatus = (listener: (event: never) => void) => {
        tell = (type) => listener({ type } as never);
        return () => undefined;
      };
      const lose = () => {
        tell('disconnected');
        for (const reject of pending) reject(new OutcomeUnknownError('cut'));
        pending.clear();
        tell('reconnected');
      };
      const asked: number[] = [];
      const reader = new HistoryReader({
        clock,
        pageSize: 200,
        steadiness: steadinessOf({ onStatus }, clock),
        requests: {
          queryMessages: ({ dialogId }) =>
            new Promise((resolve, reject) => {
              asked.push(clock.now());
              const response = respond(dialogId);
              if (Array.isArray(response)) return resolve(response);
              pending.add(reject);
              if (response === 'break') lose();
            }),
        },
      });
      tell('connected');
      const readOn = async (dialogId: string): Promise<string> => {
        for (;;) {
          try {
            await reader.page({ dialogId, after: -1 });
            return 'read';
          } catch (error) {
            if (!OutcomeUnknownError.isInstance(error)) return String(error);
          }
        }
      };
      return { asked, clock, lose, readOn };
    }

    it.each([
      ['as often as ever', [2_300, 2_300, 2_300, 2_300, 2_300, 2_300, 2_300, 2_300]],
      ['now sooner and now later', [2_300, 3_100, 2_100, 2_700, 4_000, 2_200, 3_900, 2_050, 3_000, 2_500]],
      ['sooner, so that the next that lasts is no proof', [9_000, 9_000, 9_000, 9_000, 2_100, 2_100, 9_000, 2_100]],
    ])('which break %s while it is not asked for is to blame for none of them', async (_, lifetimes) => {
      let slow = true;
      const { clock, lose, readOn } = connected(() => (slow ? 'late' : []));
      const read = readOn('innocent');
      for (const lifetime of lifetimes) {
        await clock.advance(lifetime);
        lose();
      }
      slow = false;
      await clock.advance(20_000);
      expect(await read).toBe('read');
    });

    it('which break without it too is asked again soon, though none lasts as long as those that broke with it', async () => {
      let slow = true;
      const { clock, lose, readOn } = connected(() => (slow ? 'late' : []));
      const read = readOn('innocent');
      for (const lifetime of [9_000, 9_000, 9_000, 9_000, 3_000, 3_000, 3_000, 3_000, 3_000, 3_000, 3_000, 3_000]) {
        slow = lifetime > 3_000;
        await clock.advance(lifetime);
        lose();
      }
      expect(await read).toBe('read');
    });

    it('which last as long as nobody asks for it is to blame, within half a minute, though another one breaks them too', async () => {
      const { asked, clock, readOn } = connected(() => 'break');
      const outcomes = [readOn('guilty'), readOn('also guilty')];
      await clock.advance(30_000);
      const left = expect.stringContaining('cannot be read');
      expect(await Promise.all(outcomes)).toEqual([left, left]);
      expect(asked).toHaveLength(10);
    });
  });

  it('is forgotten after ten minutes: breaks of different days do not add up', async () => {
    const { clock, reader, queries } = platform(log, how, 30);
    for (let day = 0; day < 3; day++) {
      await expect(readAll(reader)).rejects.toThrow(OutcomeUnknownError);
      expect(await readAll(reader)).toEqual(log);
      await clock.advance(86_400_000);
    }
    expect(queries.map(({ maxQuantity }) => maxQuantity)).toEqual([200, 25, 25, 25, 200, 25, 25, 25, 200, 25, 25, 25]);
  });

  it('is left alone for no longer when the clock is set back', async () => {
    const clock = createManualClock();
    let setBackMs = 0;
    const reader = new HistoryReader({
      clock: { now: () => clock.now() - setBackMs, setTimer: (...given) => clock.setTimer(...given) },
      pageSize: 1,
      steadiness: STEADY,
      requests: { queryMessages: () => Promise.reject(new OutcomeUnknownError('cut')) },
    });
    for (let tries = 0; tries < 2; tries++) await expect(readAll(reader)).rejects.toThrow(OutcomeUnknownError);
    setBackMs = 3_600_000;
    await expect(readAll(reader)).rejects.toMatchObject({ context: { retryAfterMs: 60_000 } });
  });

  it('that was only late counts for nothing but its size', async () => {
    let asked = 0;
    const reader = new HistoryReader({
      clock: createManualClock(),
      pageSize: 1,
      steadiness: STEADY,
      requests: {
        async queryMessages() {
          asked++;
          throw new RequestTimeoutError('late');
        },
      },
    });
    for (let tries = 0; tries < 5; tries++) await expect(readAll(reader)).rejects.toThrow(RequestTimeoutError);
    expect(asked).toBe(5);
  });

  it('that was late runs beside the others when it is repeated', async () => {
    let hangs = true;
    const answers = new Map<string, () => void>();
    const reader = new HistoryReader({
      clock: createManualClock(),
      pageSize: 8,
      steadiness: STEADY,
      requests: {
        async queryMessages({ dialogId }) {
          if (dialogId === 'healthy') return [];
          if (hangs) throw new RequestTimeoutError('late');
          await new Promise<void>((resolve) => answers.set(dialogId, resolve));
          return [];
        },
      },
    });
    const read = (dialogId: string) => reader.page({ dialogId, after: -1 });
    await expect(read('late')).rejects.toThrow(RequestTimeoutError);
    hangs = false;
    const late = read('late');
    expect(await read('healthy')).toEqual([]);
    answers.get('late')?.();
    expect(await late).toEqual([]);
  });

  describe('of a dialog whose answers were late until it asked for single events', () => {
    async function lateUntilOne() {
      const clock = createManualClock();
      const sizes: (number | undefined)[] = [];
      const now: { failure: Error | undefined; steadyInMs: number } = { failure: undefined, steadyInMs: 0 };
      const reader = new HistoryReader({
        clock,
        pageSize: 200,
        steadiness: { losses: 0, inMs: () => now.steadyInMs },
        requests: {
          async queryMessages({ maxQuantity }) {
            sizes.push(maxQuantity);
            if (now.failure) throw now.failure;
            return [];
          },
        },
      });
      now.failure = new RequestTimeoutError('late');
      for (let tries = 0; tries < 3; tries++) await expect(readAll(reader)).rejects.toThrow(RequestTimeoutError);
      now.failure = undefined;
      return { clock, now, reader, sizes };
    }

    it('is not to blame for two breaks of connections that had not lasted', async () => {
      const { clock, now, reader } = await lateUntilOne();
      now.steadyInMs = 2_000;
      now.failure = new OutcomeUnknownError('cut');
      for (let tries = 0; tries < 2; tries++) await expect(readAll(reader)).rejects.toThrow(OutcomeUnknownError);
      const read = readAll(reader);
      now.failure = undefined;
      now.steadyInMs = 0;
      await clock.advance(2_000);
      expect(await read).toEqual([]);
    });

    it('asks for more again, step by step, a minute after each', async () => {
      const { clock, reader, sizes } = await lateUntilOne();
      for (let minute = 0; minute < 5; minute++) {
        await readAll(reader);
        await clock.advance(60_000);
      }
      expect(sizes).toEqual([200, 25, 3, 1, 1, 8, 64, 200]);
    });
  });
});
