import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it } from '@jest/globals';
import { ClosedError, ConfigError, NotConnectedError, RequestRejectedError } from '@lp/core';
import { createDeferred, createLimiter } from '@lp/core/internal';
import type { StreamStart } from '../../src/dialog/dialog-types.ts';
import { event, events, OpenStream, type TestEvent, turn } from './open-stream.ts';

/** Nothing is left of it: no feed, no query, no timer, no turn in the limiter's queue. */
function expectReleased(opened: OpenStream): void {
  expect([opened.attached, opened.detached, opened.clock.pendingTimers]).toEqual([1, 1, 0]);
  for (const { signal } of opened.queries) expect(signal.aborted).toBe(true);
}

describe('a durable stream that is left', () => {
  it.each(['a query is out', 'a failed query waits for its time', 'it is live'])(
    'by break lets go of everything at once while %s',
    async (when) => {
      const opened = new OpenStream();
      await opened.drain();
      if (when === 'it is live') await opened.respond();
      if (when === 'a failed query waits for its time') await opened.fail(new NotConnectedError('not now'));
      expect(opened.clock.pendingTimers).toBe(when === 'a failed query waits for its time' ? 1 : 0);
      await opened.iterator.return?.();
      expectReleased(opened);
      await opened.drain();
      expect(opened.done).toBe(true);
      expect(await opened.stream.closed).toBeUndefined();
    },
  );

  it('by an error in the loop lets go of everything', async () => {
    const opened = new OpenStream({ query: async () => ({ events: events(0), complete: true }) });
    const loop = async () => {
      for await (const item of { [Symbol.asyncIterator]: () => opened.iterator })
        throw new TypeError(JSON.stringify(item));
    };
    await expect(loop()).rejects.toThrow(TypeError);
    expectReleased(opened);
  });

  it('by an aborted signal rejects the waiting read with its reason', async () => {
    const controller = new AbortController();
    const opened = new OpenStream({ signal: controller.signal });
    await opened.drain();
    const reason = new Error('enough');
    controller.abort(reason);
    await turn();
    expect(opened.failure).toBe(reason);
    expectReleased(opened);
  });

  it('by an aborted signal before it was read never attaches', async () => {
    const opened = new OpenStream({ signal: AbortSignal.abort() });
    await opened.drain();
    expect([opened.attached, opened.queries.length]).toEqual([0, 0]);
    expect(opened.failure).toBeDefined();
  });

  it('by disposal lets go of everything, again and again', async () => {
    const opened = await new OpenStream().begin();
    await opened.stream[Symbol.asyncDispose]();
    await opened.stream[Symbol.asyncDispose]();
    expectReleased(opened);
    expect(await opened.stream.closed).toBeUndefined();
  });

  it('by close gives what is buffered, then ends', async () => {
    const opened = await new OpenStream().begin(0);
    opened.push(1, 2, 3);
    opened.stream.close();
    expectReleased(opened);
    await opened.drain();
    expect(opened.numbers).toEqual([0, 1, 2, 3]);
    expect(opened.done).toBe(true);
  });

  it('while it waits for its turn gives the turn up', async () => {
    const limiter = createLimiter(1);
    const first = new OpenStream({ limiter });
    const second = new OpenStream({ limiter });
    await first.drain();
    await second.drain();
    expect(limiter.waiting).toBe(1);
    await second.iterator.return?.();
    expect(limiter.waiting).toBe(0);
    await first.respond(0);
    expect(second.queries).toEqual([]);
  });

  it('takes no notice of what its router and its query still say', async () => {
    const late = createDeferred<{ events: TestEvent[]; complete: boolean }>();
    const responses = [Promise.resolve({ events: events(0), complete: true }), late.promise];
    const opened = new OpenStream({ query: () => responses.shift() ?? late.promise });
    await opened.drain();
    const { sink } = opened;
    opened.push(3);
    await opened.drain();
    expect(responses).toEqual([]);
    await opened.iterator.return?.();
    sink?.live(event(0), 1);
    sink?.hint(event(0), 1);
    sink?.connectionLost();
    sink?.connectionRestored(2);
    sink?.ended();
    // Without 3, which was seen, this is a response to ask for again: not any more.
    late.resolve({ events: [], complete: true });
    await opened.drain();
    expect(opened.numbers).toEqual([0]);
    expectReleased(opened);
  });

  it('detaches even when it is left while it is being attached', async () => {
    const opened = new OpenStream({
      attach: () => {
        opened.stream.close();
        opened.attached++;
        return () => {
          opened.detached++;
        };
      },
    });
    await opened.drain();
    expect(opened.done).toBe(true);
    expect(opened.queries).toEqual([]);
    expectReleased(opened);
  });

  it('refuses a second consumer', () => {
    const opened = new OpenStream();
    expect(() => opened.stream[Symbol.asyncIterator]()).toThrow(ConfigError);
  });
});

describe('the start of a durable stream', () => {
  it('is looked up when it is read first, while live events wait', async () => {
    const start = createDeferred<StreamStart<TestEvent>>();
    let asked = 0;
    const opened = new OpenStream({
      start: () => {
        asked++;
        return start.promise;
      },
    });
    expect(asked).toBe(0);
    await opened.drain();
    opened.push(4, 5, 6);
    expect([asked, opened.queries.length]).toEqual([1, 0]);
    start.resolve({ kind: 'after', sequence: 4 });
    await opened.drain();
    expect(opened.numbers).toEqual([5, 6]);
    await opened.respond(5, 6);
    expect(opened.numbers).toEqual([5, 6]);
  });

  it('is looked up again when that failed for now, and ends the stream when it failed for good', async () => {
    const outcomes = [
      new NotConnectedError('not now'),
      new RequestRejectedError({ status: 400, type: 'QueryMessages' }),
    ];
    const [, final] = outcomes;
    const opened = new OpenStream({ start: () => Promise.reject(outcomes.shift()) });
    await opened.drain();
    expect(opened.clock.pendingTimers).toBe(1);
    await opened.clock.advance(1000);
    await opened.drain();
    expect(opened.failure).toBe(final);
    expectReleased(opened);
  });

  it('is looked up again soon as long as it goes on from page to page, and a second later where queries are too many', async () => {
    const retries: number[] = [];
    const busy = (status: number) => new RequestRejectedError({ status, type: 'QueryMessages' });
    const failures = [busy(503), busy(503), busy(429), busy(503), busy(503)];
    const opened = new OpenStream({
      start: (_, onPage) => {
        if (failures.length > 1) onPage();
        return Promise.reject(failures.shift());
      },
      onRetry: ({ delayMs }) => retries.push(delayMs),
      random: () => 0.5,
    });
    await opened.drain();
    for (let passed = 0; passed < 5; passed++) await opened.clock.advance(1000);
    expect(retries.slice(0, 5)).toEqual([500, 500, 1000, 500, 1000]);
    await opened.stream[Symbol.asyncDispose]();
  });

  it('spares the first query when what it read is given along', async () => {
    const opened = new OpenStream({
      start: async () => ({ kind: 'after', sequence: 1, page: { events: events(1, 2, 3), complete: true } }),
    });
    await opened.drain();
    expect(opened.numbers).toEqual([2, 3]);
    expect(opened.queries).toEqual([]);
    opened.push(5);
    await opened.drain();
    await opened.respond(4, 5);
    expect(opened.stream.stats.resyncs).toBe(1);
  });

  it('does not count what it read when the connection was lost meanwhile', async () => {
    const start = createDeferred<StreamStart<TestEvent>>();
    const opened = new OpenStream({ start: () => start.promise });
    await opened.drain();
    opened.sink?.connectionLost();
    opened.sink?.connectionRestored(2);
    start.resolve({ kind: 'after', sequence: -1, page: { events: events(0), complete: true } });
    await opened.drain();
    expect(opened.queries.map(({ after }) => after)).toEqual([0]);
    await opened.respond(1);
    expect(opened.numbers).toEqual([0, 1]);
  });

  it('tells the look-up when the stream is left', async () => {
    let signal: AbortSignal | undefined;
    const opened = new OpenStream({
      start: (given) => {
        signal = given;
        return new Promise(() => undefined);
      },
    });
    await opened.drain();
    expect(signal?.aborted).toBe(false);
    await opened.iterator.return?.();
    expect(signal?.aborted).toBe(true);
  });

  it('live gives nothing that was there before, and all that comes from then on', async () => {
    const opened = new OpenStream({ start: { kind: 'live' } });
    await opened.drain();
    await opened.respond(0, 1, 2);
    expect(opened.numbers).toEqual([]);
    opened.sink?.connectionLost();
    opened.sink?.connectionRestored(2);
    await opened.drain();
    expect(opened.queries.map(({ after }) => after)).toEqual([2]);
    await opened.respond(3);
    opened.push(4);
    await opened.drain();
    expect(opened.numbers).toEqual([3, 4]);
  });

  it('live begins with what is pushed before the history has come, whatever that shows', async () => {
    const opened = new OpenStream({ start: { kind: 'live' } });
    await opened.drain();
    opened.sink?.hint(event(2), 1);
    opened.push(3, 4);
    await opened.respond(0, 1, 2, 3, 4);
    expect(opened.numbers).toEqual([3, 4]);
    expect(opened.queries).toEqual([]);
  });

  it('live reads past old pages to the end before it begins', async () => {
    const opened = new OpenStream({ start: { kind: 'live' } });
    await opened.drain();
    await opened.reply({ events: events(0, 1), complete: false });
    await opened.reply({ events: events(2, 3), complete: undefined });
    await opened.respond();
    opened.push(4);
    await opened.drain();
    expect(opened.numbers).toEqual([4]);
  });
});

describe('the end of a durable stream', () => {
  it('comes when the last number is delivered, and not before', async () => {
    const opened = await new OpenStream().begin(0);
    opened.sink?.ended(2);
    await opened.drain();
    expect(opened.done).toBe(false);
    await opened.respond(1);
    await opened.clock.advance(250);
    await opened.respond(2);
    expect(opened.numbers).toEqual([0, 1, 2]);
    expect(opened.done).toBe(true);
    expectReleased(opened);
  });

  it('comes at once when the last number was delivered before', async () => {
    const opened = await new OpenStream().begin(0, 1);
    opened.sink?.ended(1);
    await opened.drain();
    expect(opened.done).toBe(true);
    expect(opened.queries).toEqual([]);
  });

  it('comes with the live event of the last number', async () => {
    const opened = await new OpenStream().begin(0);
    opened.sink?.ended(1);
    opened.push(1);
    await opened.drain();
    expect(opened.numbers).toEqual([0, 1]);
    expect(opened.done).toBe(true);
  });

  it('comes after one more complete response when the last number is not known', async () => {
    const opened = new OpenStream();
    await opened.drain();
    opened.sink?.ended();
    await opened.respond(0);
    expect(opened.done).toBe(false);
    await opened.respond(1);
    expect(opened.numbers).toEqual([0, 1]);
    expect(opened.done).toBe(true);
  });

  it('waits for the connection', async () => {
    const opened = await new OpenStream().begin(0);
    opened.sink?.connectionLost();
    opened.sink?.ended();
    await opened.drain();
    expect([opened.done, opened.queries.length]).toEqual([false, 0]);
    opened.sink?.connectionRestored(2);
    await opened.drain();
    await opened.respond(1);
    expect(opened.numbers).toEqual([0, 1]);
    expect(opened.done).toBe(true);
  });

  it('waits for a slow consumer', async () => {
    const opened = await new OpenStream({ capacity: 1 }).begin();
    opened.push(0, 1, 2, 3);
    opened.sink?.ended(3);
    await opened.drain();
    await opened.respond(3);
    expect(opened.numbers).toEqual([0, 1, 2, 3]);
    expect(opened.done).toBe(true);
  });

  it('tells a gap when the history does not reach the last number', async () => {
    const opened = await new OpenStream().begin(0);
    opened.sink?.ended(3);
    await opened.drain();
    for (let asked = 0; asked < 3; asked++) {
      await opened.respond(1);
      await opened.clock.advance(1000);
    }
    await opened.drain();
    expect(opened.numbers).toEqual([0, 1, { after: 1, before: 4 }]);
    expect(opened.done).toBe(true);
  });

  it('comes with an error, after what is buffered, when nothing more can be had', async () => {
    const opened = await new OpenStream().begin();
    opened.next();
    await turn();
    opened.push(0, 1);
    const reason = new ClosedError('closed');
    void opened.sink?.stop({ error: reason, drop: true });
    void opened.sink?.stop({ error: new ClosedError('again'), drop: true });
    expectReleased(opened);
    await opened.drain();
    expect(opened.numbers).toEqual([0, 1]);
    expect(opened.failure).toBe(reason);
  });

  describe('whose history is refused from then on', () => {
    const refused = () => new RequestRejectedError({ status: 403, type: 'QueryMessages' });

    it('comes after what is buffered, and is told', async () => {
      const told: string[] = [];
      const opened = await new OpenStream({ onRefused: (dialogId) => void told.push(dialogId) }).begin(0);
      opened.push(1);
      opened.sink?.ended();
      await turn();
      await opened.fail(refused());
      await opened.drain();
      expect([opened.numbers, opened.done, opened.failure, told]).toEqual([[0, 1], true, undefined, ['dialog']]);
      expectReleased(opened);
    });

    it('comes behind a gap where something was certainly lost', async () => {
      const opened = await new OpenStream({ everyNumberPushed: true }).begin(0);
      opened.push(1, 3);
      opened.sink?.ended();
      for (let asked = 0; asked < 3; asked++) {
        await turn();
        await opened.fail(refused());
        await opened.clock.advance(1000);
      }
      await opened.drain();
      expect([opened.numbers, opened.done]).toEqual([[0, 1, { after: 1, before: 3 }, 3], true]);
      expect(opened.failure).toBeUndefined();
    });

    it('comes when it is told after the history was refused, if the connection was lost before', async () => {
      const opened = await new OpenStream().begin(0);
      opened.sink?.connectionLost();
      opened.sink?.connectionRestored(2);
      await turn();
      await opened.fail(refused());
      expect(opened.failure).toBeUndefined();
      opened.sink?.ended();
      await opened.clock.advance(1_000);
      await turn();
      await opened.fail(refused());
      await opened.drain();
      expect([opened.numbers, opened.done, opened.failure]).toEqual([[0], true, undefined]);
    });

    it('is a failure when the history is refused again and again and no end is told', async () => {
      const opened = await new OpenStream().begin(0);
      opened.sink?.connectionLost();
      opened.sink?.connectionRestored(2);
      for (let asked = 0; asked < 5; asked++) {
        await opened.drain();
        expect(opened.done).toBe(false);
        await opened.fail(refused());
        await opened.clock.advance(8_000);
      }
      await opened.drain();
      expect([opened.failure, opened.queries.length]).toEqual([refused(), 0]);
    });

    it('is a failure of who has read nothing of it, and of another kind than a refusal is one always', async () => {
      const unread = new OpenStream();
      await unread.drain();
      unread.sink?.ended();
      const error = refused();
      await unread.fail(error);
      const broken = await new OpenStream().begin(0);
      broken.sink?.ended();
      await turn();
      await broken.fail(new TypeError('no'));
      await Promise.all([unread.drain(), broken.drain()]);
      expect([unread.failure, broken.failure]).toEqual([error, new TypeError('no')]);
    });
  });

  it('comes while it is being attached when nothing is behind its start', async () => {
    const opened = new OpenStream({
      attach: (_, sink) => {
        sink.ended(-1);
        return () => undefined;
      },
    });
    await opened.drain();
    expect([opened.done, opened.queries.length]).toEqual([true, 0]);
  });

  it('comes to a stream that is read for the first time after its dialog has ended', async () => {
    const opened = new OpenStream({
      attach: (_, sink) => {
        opened.sink = sink;
        sink.ended();
        return () => undefined;
      },
    });
    await opened.drain();
    await opened.respond(0, 1);
    expect(opened.numbers).toEqual([0, 1]);
    expect(opened.done).toBe(true);
  });
});

describe('a durable stream among other code', () => {
  it.each(['accept', 'sequenceOf', 'onGap'] as const)(
    'fails by itself when %s throws, and not its router',
    async (name) => {
      const thrown = new TypeError('a mistake');
      const opened = await new OpenStream({
        everyNumberPushed: true,
        [name]: () => {
          throw thrown;
        },
      }).begin();
      opened.push(0, 1, 3);
      await opened.drain();
      for (let asked = 0; asked < 3 && opened.queries.length > 0; asked++) {
        await opened.respond(3);
        await opened.clock.advance(1000);
      }
      await opened.drain();
      expect(opened.failure).toBe(thrown);
      expectReleased(opened);
    },
  );

  it('fails when it cannot be attached', async () => {
    const thrown = new TypeError('no router');
    const opened = new OpenStream({
      attach: () => {
        throw thrown;
      },
    });
    await opened.drain();
    expect(opened.failure).toBe(thrown);
    expect(opened.queries).toEqual([]);
  });

  it.each([0, 1.5])('refuses a capacity of %d', (capacity) => {
    expect(() => new OpenStream({ capacity })).toThrow('capacity must be a whole number of at least 1');
  });

  // verifies: receive:gap, durable:resync-channel, durable:gap-channel, status:resynced, status:gap
  it('publishes gaps and resyncs on their diagnostics channels, without content', async () => {
    const published: [unknown, unknown][] = [];
    const note = (message: unknown, name: unknown) => published.push([name, message]);
    subscribe('lp:stream:gap', note);
    subscribe('lp:stream:resync', note);
    try {
      const opened = await new OpenStream({ capacity: 1, dialogId: 'dialog' }).begin(0);
      opened.push(1, 2, 3, 4);
      await opened.drain();
      for (let asked = 0; asked < 3; asked++) {
        await opened.respond();
        await opened.clock.advance(1000);
      }
      await opened.drain();
    } finally {
      unsubscribe('lp:stream:gap', note);
      unsubscribe('lp:stream:resync', note);
    }
    expect(published).toEqual([
      ['lp:stream:resync', { dialogId: 'dialog', cause: 'start', from: -1, to: 0, queries: 1, skipped: 0 }],
      ['lp:stream:gap', { kind: 'gap', dialogId: 'dialog', after: 3, before: 5 }],
      ['lp:stream:resync', { dialogId: 'dialog', cause: 'overflow', from: 3, to: 4, queries: 3, skipped: 0 }],
    ]);
  });
});
