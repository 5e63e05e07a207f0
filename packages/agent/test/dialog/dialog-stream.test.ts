import { describe, expect, it, jest } from '@jest/globals';
import {
  ConnectionLostError,
  NotConnectedError,
  OutcomeUnknownError,
  RequestRejectedError,
  RequestTimeoutError,
} from '@lp/core';
import { createLimiter } from '@lp/core/internal';
import type { Gap, ResyncReport } from '../../src/dialog/dialog-types.ts';
import { event, events, OpenStream, type TestEvent, turn } from './open-stream.ts';

describe('a durable stream', () => {
  it('does nothing before it is read', async () => {
    const opened = new OpenStream();
    await turn();
    expect([opened.attached, opened.queries.length, opened.clock.pendingTimers]).toEqual([0, 0, 0]);
    opened.next();
    expect(opened.attached).toBe(1);
    await turn();
    expect(opened.queries).toHaveLength(1);
  });

  // verifies: durable:history
  it('gives the history first and then what comes live', async () => {
    const opened = await new OpenStream().begin(0, 1, 2);
    opened.push(3, 4);
    expect(await opened.drain()).toEqual(events(0, 1, 2, 3, 4));
  });

  // verifies: durable:pages
  it('asks for what comes behind its start, and passes over what is not', async () => {
    const opened = new OpenStream({ start: { kind: 'after', sequence: 4 } });
    await opened.drain();
    expect(opened.queries[0]?.after).toBe(4);
    await opened.respond(3, 4, 5);
    expect(opened.numbers).toEqual([5]);
  });

  // verifies: durable:next
  it('asks for nothing more while live events follow one another', async () => {
    const opened = await new OpenStream().begin(0);
    for (let sequence = 1; sequence <= 500; sequence++) opened.push(sequence);
    await opened.drain();
    expect(opened.numbers).toHaveLength(501);
    expect(opened.queries).toEqual([]);
  });

  it('says of each event whether the history gave it, also of those that wait for an earlier one', async () => {
    const said = new Map<number | undefined, boolean>();
    const toItem = (item: TestEvent, recovered: boolean) => {
      said.set(item.sequence, recovered);
      return item;
    };
    const opened = new OpenStream({ toItem });
    await opened.drain();
    opened.push(2);
    await opened.respond(0, 1, 2);
    opened.push(3, 5);
    await opened.drain();
    await opened.respond(4, 5);
    expect([...said]).toEqual([
      [0, true],
      [1, true],
      [2, false],
      [3, false],
      [4, true],
      [5, false],
    ]);
  });

  it('gives an event once that comes live, as a hint and from the history', async () => {
    const opened = new OpenStream();
    await opened.drain();
    opened.push(0, 1);
    opened.sink?.hint(event(1), 1);
    await opened.respond(1, 0, 1);
    opened.sink?.hint(event(2), 1);
    opened.push(2, 2, 0);
    opened.sink?.hint(event(2), 1);
    await opened.drain();
    expect(opened.numbers).toEqual([0, 1, 2]);
  });

  // verifies: durable:history
  it('holds what comes live during a query, and goes live with the response', async () => {
    const opened = new OpenStream();
    await opened.drain();
    opened.push(2, 3);
    await opened.drain();
    expect(opened.numbers).toEqual([]);
    await opened.respond(0, 1);
    expect(opened.numbers).toEqual([0, 1, 2, 3]);
    expect(opened.queries).toEqual([]);
  });

  // verifies: durable:next
  it('gives the next number at once, even while a query is out', async () => {
    const opened = new OpenStream({ start: { kind: 'after', sequence: 6 } });
    await opened.drain();
    opened.push(7, 8);
    await opened.drain();
    expect(opened.numbers).toEqual([7, 8]);
  });

  it('puts events in order that overtake each other, without waiting for the history', async () => {
    const opened = await new OpenStream().begin(0);
    opened.push(3, 2, 1);
    await opened.drain();
    expect(opened.numbers).toEqual([0, 1, 2, 3]);
  });
});

describe('a jump in the numbers of a durable stream', () => {
  // verifies: durable:ahead, hole:jump
  it('is filled from the history, with one query for all jumps until the response comes', async () => {
    const opened = await new OpenStream().begin(0);
    opened.push(2);
    await opened.drain();
    opened.push(4, 6);
    expect(opened.queries.map(({ after }) => after)).toEqual([0]);
    await opened.respond(1, 2, 3, 4, 5, 6);
    expect(opened.numbers).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(opened.queries).toEqual([]);
  });

  // verifies: durable:ahead
  it('that came after the query was sent is asked for again', async () => {
    const opened = await new OpenStream().begin(0);
    opened.push(2);
    await opened.drain();
    opened.push(4);
    await opened.respond(1, 2);
    expect(opened.numbers).toEqual([0, 1, 2]);
    expect(opened.queries.map(({ after }) => after)).toEqual([2]);
    await opened.respond(3, 4);
    expect(opened.numbers).toEqual([0, 1, 2, 3, 4]);
  });

  // verifies: hole:nothing
  it('is no alarm for a reader of content only: one query, no item, no call', async () => {
    const onGap = jest.fn();
    const opened = await new OpenStream({ onGap }).begin(0);
    opened.push(2);
    await opened.drain();
    await opened.respond(2);
    opened.push(5);
    await opened.drain();
    await opened.respond(5);
    expect(opened.numbers).toEqual([0, 2, 5]);
    expect(onGap).not.toHaveBeenCalled();
    expect([opened.queries.length, opened.clock.pendingTimers]).toEqual([0, 0]);
  });

  // verifies: receive:gap, hole:gap
  it('is a gap when every number is pushed and the history lacks it, asked three times', async () => {
    const onGap = jest.fn();
    const opened = await new OpenStream({ onGap, everyNumberPushed: true, dialogId: 'dialog' }).begin(0);
    opened.push(1, 3);
    await opened.drain();
    await opened.respond(3);
    await opened.clock.advance(250);
    await opened.respond(3);
    expect(opened.numbers).toEqual([0, 1]);
    await opened.clock.advance(1000);
    await opened.respond(3);
    const gap: Gap = { kind: 'gap', dialogId: 'dialog', after: 1, before: 3 };
    expect(opened.read).toEqual([...events(0, 1), gap, event(3)]);
    expect(onGap.mock.calls).toEqual([[gap]]);
  });

  // verifies: hole:every-number
  it('is a gap once an event has proved that every number is pushed, and none before', async () => {
    const isStatus = ({ sequence = 0 }: TestEvent) => sequence === 4;
    const opened = await new OpenStream({ everyNumberPushed: isStatus }).begin(0);
    opened.push(1, 3);
    await opened.drain();
    await opened.respond(3);
    opened.push(4, 6);
    await opened.drain();
    for (let asked = 0; asked < 3; asked++) {
      await opened.respond(6);
      await opened.clock.advance(1000);
    }
    expect(opened.numbers).toEqual([0, 1, 3, 4, { after: 4, before: 6 }, 6]);
  });

  it('is no gap when the missing event comes late, but before the history is believed', async () => {
    const opened = await new OpenStream({ everyNumberPushed: true }).begin(0);
    opened.push(1, 3);
    await opened.drain();
    await opened.respond(3);
    opened.push(2);
    await opened.drain();
    expect(opened.numbers).toEqual([0, 1, 2, 3]);
    await opened.clock.advance(1000);
    expect(opened.queries).toEqual([]);
  });

  // verifies: hole:every-number
  it('over a lost connection is no gap: pushes could not come', async () => {
    const opened = await new OpenStream({ everyNumberPushed: true }).begin(0);
    opened.push(1);
    opened.sink?.connectionLost();
    opened.sink?.connectionRestored(2);
    opened.sink?.live(event(4), 2);
    await opened.drain();
    await opened.respond(3, 4);
    expect(opened.numbers).toEqual([0, 1, 3, 4]);
  });

  // verifies: hole:lag
  it('is asked for again when the response lacks what was seen: it is an old one', async () => {
    const opened = await new OpenStream().begin(0);
    opened.push(3);
    await opened.drain();
    await opened.respond(1);
    expect(opened.numbers).toEqual([0, 1]);
    await opened.clock.advance(250);
    await opened.respond(2, 3);
    expect(opened.numbers).toEqual([0, 1, 2, 3]);
    // The next doubt begins with the short pause again.
    opened.push(5);
    await opened.drain();
    await opened.respond();
    await opened.clock.advance(250);
    await opened.respond(4, 5);
    expect(opened.numbers).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it.each([
    { told: 'an item of the caller', gapItem: () => event(1000), expected: [1, 1000, 3] },
    { told: 'the call alone', gapItem: () => undefined, expected: [1, 3] },
  ])('is told by $told when it says so', async ({ gapItem, expected }) => {
    const onGap = jest.fn();
    const opened = await new OpenStream({ gapItem, onGap, everyNumberPushed: true }).begin();
    opened.push(0, 1, 3);
    await opened.drain();
    for (let asked = 0; asked < 3; asked++) {
      await opened.respond(3);
      await opened.clock.advance(1000);
    }
    expect(opened.numbers).toEqual([0, ...expected]);
    expect(onGap.mock.calls).toEqual([[{ kind: 'gap', dialogId: 'dialog', after: 1, before: 3 }]]);
  });
});

describe('a durable stream whose consumer is slow', () => {
  // verifies: receive:slow, durable:memory
  it('keeps twice its capacity, then leaves the rest in the history and fetches it when there is room', async () => {
    const onHighWater = jest.fn();
    const reports: ResyncReport[] = [];
    const opened = await new OpenStream({
      capacity: 4,
      onHighWater,
      onResync: (report) => reports.push(report),
    }).begin();
    opened.next();
    await turn();
    for (let sequence = 0; sequence < 30; sequence++) opened.push(sequence);
    await turn();
    expect(opened.stream.stats.buffered).toBe(4);
    expect(opened.queries).toEqual([]);
    expect(onHighWater).toHaveBeenCalledTimes(1);
    await opened.drain();
    // What was read, the buffer and the events kept aside make 1 + 4 + 4; the others come from the history.
    expect(opened.numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    while (opened.queries.length > 0) {
      const after = opened.queries[0]?.after ?? 0;
      await opened.respond(...Array.from({ length: 29 - after }, (_, index) => after + 1 + index));
    }
    expect(opened.numbers).toEqual(Array.from({ length: 30 }, (_, sequence) => sequence));
    expect(reports.map(({ cause }) => cause)).toEqual(['start', 'overflow']);
    expect(opened.stream.stats).toEqual({ buffered: 0, delivered: 30, resyncs: 1, dropped: 0 });
  });

  // verifies: durable:memory
  it('queries nothing before what it kept aside is in the buffer and that is read down to the low-water mark', async () => {
    const opened = await new OpenStream({ capacity: 4 }).begin();
    for (let sequence = 0; sequence < 20; sequence++) opened.push(sequence);
    const queries: number[] = [];
    for (let count = 0; count < 7; count++) {
      opened.next();
      await turn();
      queries.push(opened.queries.length);
    }
    expect(opened.numbers).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(queries).toEqual([0, 0, 0, 0, 0, 0, 1]);
    expect(opened.queries[0]?.after).toBe(8);
  });

  // verifies: limit:gone, stream:gap, hole:lost-event
  it('tells of events that it saw, could not keep, and that the history has lost', async () => {
    const opened = await new OpenStream({ capacity: 1 }).begin();
    opened.push(0, 1, 2, 3, 4);
    await opened.drain();
    for (let asked = 0; asked < 3; asked++) {
      await opened.respond();
      await opened.clock.advance(1000);
    }
    opened.push(5);
    await opened.drain();
    expect(opened.numbers).toEqual([0, 1, 2, { after: 2, before: 5 }, 5]);
  });

  it('does not let events it refuses take room: they only move its position', async () => {
    const opened = await new OpenStream({ capacity: 1, accept: ({ sequence = 0 }) => sequence % 10 === 0 }).begin();
    for (let sequence = 0; sequence < 20; sequence++) opened.push(sequence);
    await opened.drain();
    expect(opened.numbers).toEqual([0, 10]);
    expect(opened.queries).toEqual([]);
  });

  // verifies: slow:typing
  it('passes typing on when there is room, and drops it when there is not', async () => {
    const typing: TestEvent = { text: 'typing' };
    const opened = await new OpenStream({ capacity: 2 }).begin();
    opened.sink?.live(typing, 1);
    opened.push(0, 1);
    opened.sink?.live(typing, 1);
    opened.sink?.live(typing, 1);
    await opened.drain();
    expect(opened.read).toEqual([typing, event(0), event(1)]);
    expect(opened.stream.stats.dropped).toBe(2);
    expect(opened.queries).toEqual([]);
  });

  it('keeps places that have become free for events with a number until it has caught up', async () => {
    const opened = await new OpenStream({ capacity: 4 }).begin();
    opened.push(0, 1, 2, 3, 4, 5);
    opened.next();
    await turn();
    opened.next();
    await turn();
    expect(opened.stream.stats.buffered).toBe(3);
    opened.sink?.live({ text: 'typing' }, 1);
    await opened.drain();
    expect(opened.numbers).toEqual([0, 1, 2, 3, 4, 5]);
    expect(opened.stream.stats.dropped).toBe(1);
  });

  it('takes for typing what the caller says has no number', async () => {
    const opened = await new OpenStream({
      sequenceOf: ({ sequence, text }) => (text === 'typing' ? undefined : sequence),
    }).begin(0, 1);
    opened.sink?.live({ sequence: 0, text: 'typing' }, 1);
    await opened.drain();
    expect(opened.read.at(-1)).toEqual({ sequence: 0, text: 'typing' });
  });
});

describe('the history of a durable stream', () => {
  // verifies: durable:pages
  it('is read page by page when it says that more follows', async () => {
    const opened = new OpenStream();
    await opened.drain();
    await opened.reply({ events: events(0, 1), complete: false });
    expect(opened.queries[0]?.after).toBe(1);
    await opened.reply({ events: events(1, 2), complete: true });
    expect(opened.numbers).toEqual([0, 1, 2]);
    expect(opened.queries).toEqual([]);
  });

  // verifies: durable:pages
  it('is read until a response brings nothing new when it does not say', async () => {
    const opened = new OpenStream();
    await opened.drain();
    await opened.reply({ events: events(0, 1), complete: undefined });
    await opened.reply({ events: events(1), complete: undefined });
    expect(opened.numbers).toEqual([0, 1]);
    expect(opened.queries).toEqual([]);
  });

  it('takes one page for a jump, whatever it says, when the page goes as far as what was seen', async () => {
    const opened = await new OpenStream().begin(0);
    opened.push(3);
    await opened.drain();
    await opened.reply({ events: events(1, 2, 3), complete: undefined });
    expect(opened.numbers).toEqual([0, 1, 2, 3]);
    expect(opened.queries).toEqual([]);
  });

  it.each([
    new NotConnectedError('not now'),
    new ConnectionLostError('gone'),
    new OutcomeUnknownError('gone'),
    new RequestTimeoutError('late'),
    new RequestRejectedError({ status: 503, type: 'QueryMessages' }),
  ])('is asked again, after a while, when that failed with a $name', async (error) => {
    const onRetry = jest.fn();
    const opened = new OpenStream({ onRetry });
    await opened.drain();
    await opened.fail(error);
    expect([opened.queries.length, opened.clock.pendingTimers]).toEqual([0, 1]);
    await opened.clock.advance(1000);
    await opened.fail(error);
    await opened.clock.advance(1999);
    expect(opened.queries).toEqual([]);
    await opened.clock.advance(1);
    await opened.respond(0);
    expect(opened.numbers).toEqual([0]);
    expect(onRetry.mock.calls.map(([retry]) => retry)).toMatchObject([
      { attempt: 1, delayMs: 1000, error },
      { attempt: 2, delayMs: 2000, error },
    ]);
  });

  // verifies: durable:failures
  it('ends the stream with its error, after what is buffered, when that is final', async () => {
    const final = new RequestRejectedError({ status: 400, type: 'QueryMessages' });
    const opened = new OpenStream();
    opened.next();
    await turn();
    opened.push(0, 1, 2);
    await opened.fail(final);
    await opened.drain();
    expect(opened.numbers).toEqual([0, 1, 2]);
    expect(opened.failure).toBe(final);
    expect(await opened.stream.closed).toBe(final);
    expect([opened.detached, opened.clock.pendingTimers]).toEqual([1, 0]);
  });
});

describe('a durable stream over a lost connection', () => {
  // verifies: stream:disconnected
  it('shows nothing of it, and fills up from its position when the connection is back', async () => {
    const reports: ResyncReport[] = [];
    const opened = await new OpenStream({ dialogId: 'dialog', onResync: (report) => reports.push(report) }).begin(0, 1);
    opened.sink?.connectionLost();
    await opened.drain();
    expect(opened.queries).toEqual([]);
    opened.sink?.connectionRestored(2);
    await opened.drain();
    expect(opened.queries[0]?.after).toBe(1);
    await opened.respond(2, 4);
    expect(opened.numbers).toEqual([0, 1, 2, 4]);
    expect(reports[1]).toEqual({ dialogId: 'dialog', cause: 'reconnect', from: 1, to: 4, queries: 1, skipped: 1 });
    expect(opened.stream.stats.resyncs).toBe(1);
  });

  // verifies: durable:responses
  it('asks again when it came back during a query, and a response from before does not count', async () => {
    const opened = new OpenStream();
    await opened.drain();
    opened.sink?.connectionLost();
    opened.sink?.connectionRestored(2);
    await opened.respond(0);
    expect(opened.queries.map(({ after }) => after)).toEqual([0]);
    await opened.respond(1);
    expect(opened.numbers).toEqual([0, 1]);
    expect(opened.queries).toEqual([]);
  });

  it('waits for the connection and not for a time, and then no longer', async () => {
    const opened = new OpenStream();
    await opened.drain();
    await opened.fail(new NotConnectedError('not now'));
    opened.sink?.connectionLost();
    await opened.clock.advance(60_000);
    expect([opened.queries.length, opened.clock.pendingTimers]).toEqual([0, 0]);
    opened.sink?.connectionRestored(2);
    await turn();
    expect(opened.queries).toHaveLength(1);
  });

  it('asks at once when the connection is back, though it was never told that it was gone', async () => {
    const opened = new OpenStream();
    await opened.drain();
    await opened.fail(new NotConnectedError('not now'));
    opened.sink?.connectionRestored(2);
    await turn();
    expect([opened.queries.length, opened.clock.pendingTimers]).toEqual([1, 0]);
  });

  it('lets its turn pass when the connection is gone by then', async () => {
    const limiter = createLimiter(1);
    const first = new OpenStream({ limiter });
    const second = new OpenStream({ limiter });
    await first.drain();
    await second.drain();
    second.sink?.connectionLost();
    await first.respond(0);
    await second.drain();
    expect(second.queries).toEqual([]);
    second.sink?.connectionRestored(2);
    await second.drain();
    await second.respond(0);
    expect(second.numbers).toEqual([0]);
  });

  // verifies: durable:failures
  it('asks again at once when the query failed with the connection that is back since', async () => {
    const opened = new OpenStream();
    await opened.drain();
    opened.sink?.connectionLost();
    opened.sink?.connectionRestored(2);
    await opened.fail(new OutcomeUnknownError('gone'));
    expect([opened.queries.length, opened.clock.pendingTimers]).toEqual([1, 0]);
  });

  it('asks when even typing shows that the connection is a new one', async () => {
    const opened = await new OpenStream().begin(0);
    opened.push(1);
    opened.sink?.live({ text: 'typing' }, 2);
    await opened.drain();
    expect(opened.queries.map(({ after }) => after)).toEqual([1]);
  });

  it('asks when an event shows that the connection is a new one, though nobody said so', async () => {
    const opened = await new OpenStream().begin(0);
    opened.push(1);
    opened.sink?.live(event(2), 2);
    await opened.drain();
    expect(opened.queries.map(({ after }) => after)).toEqual([2]);
    await opened.respond();
    opened.sink?.live(event(3), 1);
    await opened.drain();
    expect(opened.numbers).toEqual([0, 1, 2, 3]);
    expect(opened.queries).toEqual([]);
  });

  // verifies: durable:history
  it('shares the turns of the limiter: few queries at once, and every stream filled up', async () => {
    let active = 0;
    let most = 0;
    const query = async ({ after }: { after: number }) => {
      most = Math.max(most, ++active);
      await turn();
      active--;
      return { events: events(after + 1), complete: true };
    };
    const limiter = createLimiter(8);
    const all = Array.from({ length: 100 }, () => new OpenStream({ limiter, query: (_, request) => query(request) }));
    for (const opened of all) opened.next();
    while (all.some(({ read }) => read.length < 1)) await turn();
    for (const { sink } of all) sink?.connectionLost();
    for (const opened of all) {
      opened.next();
      opened.sink?.connectionRestored(2);
    }
    while (all.some(({ read }) => read.length < 2)) await turn();
    expect(most).toBe(8);
    for (const { numbers } of all) expect(numbers).toEqual([0, 1]);
  });

  // verifies: durable:history
  it('leaves most turns to others when responses to it were late: those that are late again hold few of them', async () => {
    const shared = { limiter: createLimiter(4), late: createLimiter(2) };
    const silent = Array.from({ length: 12 }, () => new OpenStream(shared));
    for (const opened of silent) opened.next();
    const asking = () => silent.filter(({ queries }) => queries.length > 0);
    for (let round = 0; round < 3; round++) {
      await turn();
      expect(asking()).toHaveLength(4);
      await Promise.all(asking().map((opened) => opened.fail(new RequestTimeoutError('late'))));
    }
    await Promise.all(silent.map(({ clock }) => clock.advance(1_000)));
    await turn();
    expect(asking()).toHaveLength(2);
    const fresh = await new OpenStream(shared).begin(0);
    expect(fresh.numbers).toEqual([0]);
    // One that has got its response is as good as any other.
    const [healed] = asking();
    await healed?.respond(0);
    expect(asking()).toHaveLength(2);
    healed?.sink?.connectionRestored(2);
    await turn();
    expect(asking()).toHaveLength(3);
  });
});
