import { describe, expect, it } from '@jest/globals';
import {
  ClosedError,
  ConfigError,
  ConnectionLostError,
  createManualClock,
  NotConnectedError,
  OutboxFullError,
  OutcomeUnknownError,
  RequestRejectedError,
  RequestTimeoutError,
  silentLogger,
} from '@lp/core';
import { Correlator, type CorrelatorOptions } from '../src/correlator.ts';
import type { ResponseFrame } from '../src/frames.ts';
import type { Wire } from '../src/pending.ts';
import { endReason } from '../src/request-errors.ts';
import { rejection, turn, watchedSignal } from './support/harness.ts';

class FakeWire implements Wire {
  bufferedAmount = 0;
  open = true;

  get writable(): boolean {
    return this.open;
  }

  readonly texts: string[] = [];
  onSend: (id: string) => void = () => undefined;

  send(text: string): boolean {
    if (!this.open) return false;
    this.texts.push(text);
    this.onSend((JSON.parse(text) as { id: string }).id);
    return true;
  }

  get ids(): string[] {
    return this.texts.map((text) => (JSON.parse(text) as { id: string }).id);
  }
}

const response = (reqId: string, code: ResponseFrame['code'] = 200, body: unknown = {}): ResponseFrame => ({
  kind: 'resp',
  reqId,
  code,
  type: 'x',
  body,
});

function setUp(options: Partial<CorrelatorOptions> = {}) {
  const clock = createManualClock();
  const correlator = new Correlator({
    clock,
    requestTimeoutMs: 10_000,
    maxInFlight: 1_000,
    outboxBytes: 1_000,
    describeRejection: undefined,
    gate: undefined,
    logger: silentLogger,
    ...options,
  });
  return { clock, correlator, wire: new FakeWire() };
}

const frame = { type: '.GetClock' };

describe('correlation', () => {
  it('gives each response to the request it names, in any order', async () => {
    const { correlator, wire } = setUp();
    const first = correlator.request(frame, {}, wire);
    const second = correlator.request(frame, {}, wire);
    expect(new Set(wire.ids).size).toBe(2);
    correlator.settle(response(wire.ids[1] as string, 200, 'second'));
    correlator.settle(response(wire.ids[0] as string, 202, 'first'));
    expect((await first).body).toBe('first');
    expect((await second).body).toBe('second');
    expect(correlator.inFlight).toBe(0);
  });

  it('gives what the caller reads from the response, and rejects with what reading it throws', async () => {
    const { correlator, wire } = setUp();
    const wanted = correlator.request(frame, { read: ({ body }) => ({ seen: body }) }, wire);
    const wrong = new Error('not what it should be');
    const unreadable = rejection(
      correlator.request(
        frame,
        {
          read() {
            throw wrong;
          },
        },
        wire,
      ),
    );
    correlator.settle(response('1', 200, 'a'));
    correlator.settle(response('2'));
    expect(await wanted).toEqual({ seen: 'a' });
    expect(await unreadable).toBe(wrong);
    expect(correlator.inFlight).toBe(0);
  });

  it('does not read a refusal', async () => {
    const { correlator, wire } = setUp();
    const refused = rejection(correlator.request(frame, { read: () => 'read' }, wire));
    correlator.settle(response('1', 400));
    expect(await refused).toBeInstanceOf(RequestRejectedError);
  });

  it('uses ids of 1 to 64 characters', () => {
    const { correlator, wire } = setUp();
    for (let count = 0; count < 1_000; count++) void correlator.request(frame, {}, wire).catch(() => undefined);
    expect(new Set(wire.ids).size).toBe(1_000);
    expect(wire.ids.every((id) => id.length >= 1 && id.length <= 64)).toBe(true);
  });

  it('takes a response that comes before the send call returns', async () => {
    const { correlator, wire } = setUp();
    wire.onSend = (id) => correlator.settle(response(id, 200, 'early'));
    expect((await correlator.request(frame, {}, wire)).body).toBe('early');
  });

  // verifies: counter:late, counter:duplicate, counter:unknown
  it('counts responses that are late, repeated or for nobody, and is not disturbed', async () => {
    const { correlator, wire, clock } = setUp();
    const served = correlator.request(frame, {}, wire);
    correlator.settle(response('1'));
    await served;
    const timedOut = rejection(correlator.request(frame, {}, wire));
    await clock.advance(10_000);
    expect(await timedOut).toBeInstanceOf(RequestTimeoutError);
    const abort = new AbortController();
    const aborted = rejection(correlator.request(frame, { signal: abort.signal }, wire));
    abort.abort();
    await aborted;

    for (const id of ['1', '2', '3', '2', '99', '0', '01', 'x', '', '1e0', '__proto__'])
      correlator.settle(response(id));
    expect(correlator.counts).toMatchObject({ lateResponses: 2, duplicateResponses: 2, unknownResponses: 7 });
  });

  it('remembers a bounded number of requests that were given up', async () => {
    const { correlator, wire, clock } = setUp({ maxInFlight: 5_000 });
    const all = Array.from({ length: 3_000 }, () => rejection(correlator.request(frame, {}, wire)));
    await clock.advance(10_000);
    await Promise.all(all);
    for (const id of wire.ids) correlator.settle(response(id));
    expect(correlator.counts.lateResponses).toBe(1_024);
  });
});

describe('a response that says no', () => {
  for (const [code, status, retryable] of [
    [400, 400, false],
    [429, 429, true],
    [500, 500, true],
    ['404', 404, false],
    ['BAD_REQUEST', 0, false],
    [undefined, 0, false],
    [0, 0, false],
  ] as const) {
    it(`is one with code ${String(code)}`, async () => {
      const { correlator, wire } = setUp();
      const failed = rejection(correlator.request(frame, {}, wire));
      correlator.settle({ ...response('1'), code, body: 'the text of the server' });
      const error = (await failed) as RequestRejectedError;
      expect(error).toBeInstanceOf(RequestRejectedError);
      expect(error).toMatchObject({ status, type: '.GetClock', body: 'the text of the server', retryable });
      expect(error.context).toMatchObject({ requestId: '1' });
      expect(error.message).not.toContain('the text of the server');
    });
  }

  it('is none with 200, 202, their texts, or OK', async () => {
    const { correlator, wire } = setUp();
    for (const code of [200, 202, '200', 'OK']) {
      wire.onSend = (id) => correlator.settle(response(id, code));
      expect((await correlator.request(frame, {}, wire)).code).toBe(code);
    }
  });

  it.each([-1, 100, 204, 206, 299, 302, 399, 200.5])(
    'is one with %d, which is no success that is documented',
    async (code) => {
      const { correlator, wire } = setUp();
      const failed = rejection(correlator.request(frame, {}, wire));
      correlator.settle(response('1', code));
      expect(await failed).toBeInstanceOf(RequestRejectedError);
    },
  );

  it('carries the hint the caller has for it, and survives a hint that fails', async () => {
    const hinted = setUp({ describeRejection: ({ status }) => (status === 400 ? 'look again' : undefined) });
    const failing = setUp({
      describeRejection: () => {
        throw new Error('no hint');
      },
    });
    for (const [{ correlator, wire }, message] of [
      [hinted, 'the server rejected .GetClock with 400: look again'],
      [failing, 'the server rejected .GetClock with 400'],
    ] as const) {
      const failed = rejection(correlator.request(frame, {}, wire));
      correlator.settle(response('1', 400));
      expect(((await failed) as Error).message).toBe(message);
    }
  });
});

describe('time', () => {
  it('runs out per request, exactly, and leaves no timer', async () => {
    const { correlator, wire, clock } = setUp();
    const log: string[] = [];
    const watch = (name: string, timeoutMs?: number) =>
      void correlator.request(frame, { timeoutMs }, wire).catch((error: Error) => log.push(`${name}: ${error.name}`));
    watch('default');
    watch('short', 100);
    await clock.advance(50);
    watch('later', 100);
    await clock.advance(49);
    expect(log).toEqual([]);
    await clock.advance(1);
    expect(log).toEqual(['short: RequestTimeoutError']);
    await clock.advance(50);
    expect(log).toEqual(['short: RequestTimeoutError', 'later: RequestTimeoutError']);
    await clock.advance(9_850);
    expect(log).toHaveLength(3);
    expect(clock.pendingTimers).toBe(0);
    expect(correlator.inFlight).toBe(0);
  });

  it('leaves at most the last timer to requests that have their responses, and none to a transport that has ended', async () => {
    const { correlator, wire, clock } = setUp();
    const all = Array.from({ length: 500 }, () => correlator.request(frame, {}, wire));
    for (const id of wire.ids) correlator.settle(response(id));
    await Promise.all(all);
    expect(clock.pendingTimers).toBeLessThanOrEqual(1);
    correlator.end((pending) => endReason(pending, false, undefined));
    expect(clock.pendingTimers).toBe(0);
  });

  it('keeps to its length when the time of day jumps', async () => {
    const { correlator, wire, clock } = setUp();
    let settled = false;
    const failed = rejection(correlator.request(frame, {}, wire)).finally(() => {
      settled = true;
    });
    await clock.advance(5_000);
    clock.jump(3_600_000);
    await clock.advance(4_999);
    expect(settled).toBe(false);
    clock.jump(-7_200_000);
    await clock.advance(1);
    expect(await failed).toBeInstanceOf(RequestTimeoutError);
  });

  it('may be unlimited', async () => {
    const { correlator, wire, clock } = setUp();
    const request = correlator.request(frame, { timeoutMs: Infinity }, wire);
    await clock.advance(1e9);
    correlator.settle(response('1'));
    expect((await request).code).toBe(200);
  });

  it('leaves the stack traces of the application as they were', async () => {
    const limit = Error.stackTraceLimit;
    const { correlator, wire } = setUp();
    void correlator.request(frame, {}, wire);
    await turn();
    expect(Error.stackTraceLimit).toBe(limit);
    correlator.settle(response('1'));
  });
});

describe('an abort', () => {
  it('rejects with the reason of the signal and takes the listener away', async () => {
    const { correlator, wire } = setUp();
    const abort = new AbortController();
    const failed = rejection(correlator.request(frame, { signal: abort.signal }, wire));
    abort.abort('enough');
    expect(await failed).toBe('enough');
    expect(correlator.inFlight).toBe(0);
  });

  it('before the call sends nothing', async () => {
    const { correlator, wire } = setUp();
    expect(await rejection(correlator.request(frame, { signal: AbortSignal.abort('early') }, wire))).toBe('early');
    expect(wire.texts).toEqual([]);
  });

  it('listens on the signal only while there is no response', async () => {
    const { correlator, wire } = setUp();
    const { signal, listeners } = watchedSignal();
    const request = correlator.request(frame, { signal }, wire);
    expect(listeners.size).toBe(1);
    correlator.settle(response('1'));
    await request;
    expect(listeners.size).toBe(0);
  });

  it('takes a request that waits out of the outbox', async () => {
    const { correlator, wire } = setUp();
    const abort = new AbortController();
    const failed = rejection(correlator.request(frame, { signal: abort.signal }, undefined));
    expect(correlator.queuedBytes).toBeGreaterThan(0);
    abort.abort();
    await failed;
    expect(correlator.queuedBytes).toBe(0);
    correlator.flush(wire);
    expect(wire.texts).toEqual([]);
  });
});

describe('without a connection', () => {
  it('requests wait and are sent in the order they were made', () => {
    const { correlator, wire } = setUp();
    for (const type of ['a', 'b', 'c']) void correlator.request({ type }, {}, undefined).catch(() => undefined);
    correlator.flush(wire);
    expect(wire.texts.map((text) => (JSON.parse(text) as { type: string }).type)).toEqual(['a', 'b', 'c']);
    expect(correlator.queuedBytes).toBe(0);
  });

  it('requests are written as they were when the call was made', () => {
    const { correlator, wire } = setUp();
    const body = { text: 'before' };
    void correlator.request({ type: 't', body }, {}, undefined).catch(() => undefined);
    body.text = 'after';
    correlator.flush(wire);
    expect(wire.texts[0]).toContain('before');
  });

  // verifies: error:outbox, counter:queued
  it('the outbox is bounded in bytes, and says so', async () => {
    const { correlator } = setUp({ outboxBytes: 300 });
    const body = 'ü'.repeat(50);
    for (let count = 0; count < 2; count++) void correlator.request({ type: 't', body }, {}, undefined).catch(() => 0);
    const error = (await rejection(correlator.request({ type: 't', body }, {}, undefined))) as OutboxFullError;
    expect(error).toBeInstanceOf(OutboxFullError);
    expect(error.context).toMatchObject({ type: 't', outboxBytes: 300 });
    expect(correlator.queuedBytes).toBeLessThanOrEqual(300);
    expect(correlator.inFlight).toBe(2);
  });

  it('a request that runs out of time was not sent, and says so', async () => {
    const { correlator, clock } = setUp();
    const failed = rejection(correlator.request(frame, {}, undefined));
    await clock.advance(10_000);
    const error = (await failed) as NotConnectedError;
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error).toMatchObject({ retryable: true, context: { type: '.GetClock', timeoutMs: 10_000 } });
    expect(correlator.queuedBytes).toBe(0);
  });
});

describe('a lost connection', () => {
  it('leaves the outcome of what was written unknown, and sends again what may be repeated', async () => {
    const { correlator, wire } = setUp();
    const published = rejection(correlator.request({ type: 'publish' }, {}, wire));
    const query = correlator.request({ type: 'query' }, { idempotent: true }, wire);
    const waiting = correlator.request({ type: 'waiting' }, {}, undefined);
    correlator.lose(wire);
    expect(await published).toBeInstanceOf(OutcomeUnknownError);

    const next = new FakeWire();
    correlator.flush(next);
    expect(next.ids).toEqual(['2', '3']);
    for (const id of next.ids) correlator.settle(response(id));
    expect((await query).reqId).toBe('2');
    expect((await waiting).reqId).toBe('3');
  });

  it('does not stop the time of a request that is sent again', async () => {
    const { correlator, wire, clock } = setUp();
    const failed = rejection(correlator.request(frame, { idempotent: true }, wire));
    await clock.advance(6_000);
    correlator.lose(wire);
    await clock.advance(4_000);
    expect(await failed).toBeInstanceOf(RequestTimeoutError);
  });

  it('keeps what a wire no longer takes for the next one', async () => {
    const { correlator, wire } = setUp();
    const request = correlator.request(frame, {}, wire);
    wire.open = false;
    const second = correlator.request(frame, {}, wire);
    correlator.lose(wire);
    expect(await rejection(request)).toBeInstanceOf(OutcomeUnknownError);
    const next = new FakeWire();
    correlator.flush(next);
    correlator.settle(response('2'));
    expect((await second).reqId).toBe('2');
  });

  it('takes its own requests with it, idempotent or not', async () => {
    const { correlator, wire } = setUp();
    const written = rejection(correlator.request(frame, { idempotent: true }, wire, wire));
    correlator.lose(wire);
    expect(await written).toBeInstanceOf(OutcomeUnknownError);
    wire.open = false;
    const unwritten = (await rejection(correlator.request(frame, {}, wire, wire))) as ConnectionLostError;
    expect(unwritten).toBeInstanceOf(ConnectionLostError);
    expect(unwritten.sent).toBe(false);
    expect(correlator.inFlight).toBe(0);
  });
});

describe('the end', () => {
  const kinds = (correlator: Correlator, wire: Wire) => ({
    written: rejection(correlator.request(frame, {}, wire)),
    repeatable: rejection(correlator.request(frame, { idempotent: true }, wire)),
    waiting: rejection(correlator.request(frame, {}, undefined)),
  });

  // verifies: request:closed
  it('by close tells what may have taken effect from what has not', async () => {
    const { correlator, wire } = setUp();
    const { written, repeatable, waiting } = kinds(correlator, wire);
    correlator.end((pending) => endReason(pending, false, undefined));
    expect(await written).toBeInstanceOf(OutcomeUnknownError);
    expect(await repeatable).toBeInstanceOf(ClosedError);
    expect(await waiting).toBeInstanceOf(ClosedError);
  });

  // verifies: request:given-up
  it('by failure hands back what was not sent, with the cause', async () => {
    const { correlator, wire } = setUp();
    const { written, waiting } = kinds(correlator, wire);
    const cause = new Error('gave up');
    correlator.end((pending) => endReason(pending, false, cause));
    expect(await written).toBeInstanceOf(OutcomeUnknownError);
    const handedBack = (await waiting) as ConnectionLostError;
    expect(handedBack).toBeInstanceOf(ConnectionLostError);
    expect(handedBack.cause).toBe(cause);
  });

  it('by abort gives every request its reason', async () => {
    const { correlator, wire } = setUp();
    const { written, repeatable, waiting } = kinds(correlator, wire);
    correlator.end((pending) => endReason(pending, true, 'stop'));
    expect(await Promise.all([written, repeatable, waiting])).toEqual(['stop', 'stop', 'stop']);
  });

  it('wakes whoever waits for the last response', async () => {
    const { correlator, wire } = setUp();
    await correlator.whenEmpty();
    void correlator.request(frame, {}, wire);
    const empty = correlator.whenEmpty();
    expect(correlator.inFlight).toBe(1);
    correlator.settle(response('1'));
    await empty;
    expect(correlator.inFlight).toBe(0);
  });
});

describe('a request that cannot be sent as it is', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  for (const [name, bad, options] of [
    ['without a type', {}, {}],
    ['with an empty type', { type: '' }, {}],
    ['with a body that is circular', { type: 't', body: circular }, {}],
    ['with a body that holds a BigInt', { type: 't', body: 1n }, {}],
    ['with a timeout of 0', frame, { timeoutMs: 0 }],
    ['with a timeout that is no number', frame, { timeoutMs: '100' }],
  ] as const) {
    it(`is refused: ${name}`, async () => {
      const { correlator, wire } = setUp();
      const error = await rejection(correlator.request(bad as typeof frame, options as object, wire));
      expect(error).toBeInstanceOf(ConfigError);
      expect(wire.texts).toEqual([]);
      expect(correlator.inFlight).toBe(0);
    });
  }

  it('is not what prepares a connection, however many wait', async () => {
    const { correlator, wire } = setUp({ maxInFlight: 1 });
    void correlator.request(frame, {}, undefined).catch(() => undefined);
    const own = correlator.request(frame, {}, wire, wire);
    correlator.settle(response('2'));
    expect((await own).reqId).toBe('2');
  });

  // verifies: counter:in-flight
  it('is refused at once when too many are without a response, or the network takes nothing', async () => {
    const { correlator, wire } = setUp({ maxInFlight: 1 });
    void correlator.request(frame, {}, wire);
    expect(await rejection(correlator.request(frame, {}, wire))).toBeInstanceOf(OutboxFullError);
    correlator.settle(response('1'));
    wire.bufferedAmount = 1_001;
    expect(await rejection(correlator.request(frame, {}, wire))).toBeInstanceOf(OutboxFullError);
    expect(wire.texts).toHaveLength(1);
  });
});
