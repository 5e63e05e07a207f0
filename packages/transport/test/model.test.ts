import { expect, it } from '@jest/globals';
import { createManualClock, InvalidCredentialsError, LpError, NotConnectedError } from '@lp/core';
import type { ResponseFrame, StatusEvent } from '@lp/transport';
import * as fc from 'fast-check';
import { resolveOptions } from '../src/resolve-options.ts';
import { MessagingTransport } from '../src/transport.ts';
import { FakeNetwork } from './support/fake-network.ts';
import { turn } from './support/harness.ts';

const RUNS = 5_000;
const LIFE = /^(connected (disconnected reconnected )*(disconnected )?)?closed$/;

/** What the world and the application do, in any order. */
const step = fc.oneof(
  { weight: 12, arbitrary: fc.constant({ do: 'accept' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('refuse' as const), status: fc.constantFrom(401, 429, 502) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('end' as const), code: fc.constantFrom(1000, 1006, 1011, 4401) }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'freeze' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('url' as const), fails: fc.constantFrom('once', 'hangs') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('prepare' as const), fails: fc.constantFrom('once', 'asks') }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('request' as const),
      idempotent: fc.boolean(),
      timeoutMs: fc.constantFrom(50, 10_000, 1_000_000),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('respond' as const),
      which: fc.nat(20),
      code: fc.constantFrom(200, 202, 500),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'respond to nobody' as const }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat(20) }) },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(0, 60, 6_000, 30_000) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('reconnect' as const), reauth: fc.boolean() }) },
  // What ends it all, rarely.
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('drain', 'close', 'abort all')
      .map((what) => ({ do: what as 'drain' | 'close' | 'abort all' })),
  },
  { weight: 1, arbitrary: fc.constantFrom(404, 403).map((status) => ({ do: 'refuse' as const, status })) },
  { weight: 1, arbitrary: fc.constant({ do: 'end' as const, code: 1003 }) },
  { weight: 1, arbitrary: fc.constant({ do: 'url' as const, fails: 'for good' }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface MadeRequest {
  readonly name: string;
  readonly idempotent: boolean;
  readonly abort: AbortController;
  settled: number;
}

async function play(steps: readonly Step[]): Promise<string[]> {
  const clock = createManualClock();
  const network = new FakeNetwork();
  const end = new AbortController();
  const requests: MadeRequest[] = [];
  const events: StatusEvent['type'][] = [];
  const outcomes: string[] = [];
  // Collected, not thrown: what `url` throws is a failed dial to the transport.
  const violations: string[] = [];
  let urlFails: string | undefined;
  let prepareFails: string | undefined;
  let asked = 0;
  let over = false;

  const transport = new MessagingTransport(
    resolveOptions({
      clock,
      signal: end.signal,
      maxInFlight: 30,
      // Short waits, so that a schedule of a few dozen steps sees many connections.
      reconnect: { initialMs: 50, dialSpacingMs: 10, loginSpacingMs: 100, serverErrorDelaysMs: [50, 1_000] },
      outboxBytes: 1_000,
      url: ({ signal }) => {
        const fails = urlFails;
        urlFails = undefined;
        asked++;
        if (asked !== 1) violations.push('two dials at once');
        if (network.live.some(({ phase }) => phase !== 'closing')) violations.push('a dial beside a connection');
        const done = () => void asked--;
        if (fails === 'hangs') {
          signal.addEventListener('abort', done);
          return new Promise<string>(() => undefined);
        }
        done();
        if (fails === 'once') throw new NotConnectedError('look-up failed');
        if (fails === 'for good') throw new InvalidCredentialsError('wrong password');
        return 'wss://example.com/';
      },
      prepare: async ({ request }) => {
        const fails = prepareFails;
        prepareFails = undefined;
        if (fails === 'once') throw new Error('not yet');
        if (fails === 'asks') await request({ type: 'probe' });
      },
    }),
    {
      isBrowser: false,
      openSocket: (...parameters) => {
        if (network.live.length > 0) violations.push('a socket beside a socket');
        return network.openSocket(...parameters);
      },
    },
  );
  const status = transport.status({ capacity: 10_000 });
  const watching = (async () => {
    for await (const { type } of status) events.push(type);
  })();
  void transport.closed.then(() => {
    over = true;
  });
  const ignore = (promise: Promise<unknown>) => void promise.catch(() => undefined);

  function request(idempotent: boolean, timeoutMs: number): void {
    const made: MadeRequest = { name: `r${requests.length}`, idempotent, abort: new AbortController(), settled: 0 };
    requests.push(made);
    const settle = (outcome: string) => {
      made.settled++;
      if (over && !refusedAtOnce) violations.push(`${made.name} settled after the end`);
      outcomes.push(outcome);
    };
    const refusedAtOnce = transport.state === 'closed';
    transport.request({ type: made.name }, { idempotent, timeoutMs, signal: made.abort.signal }).then(
      (frame: ResponseFrame) => {
        if (frame.type !== `${made.name}$Response`) violations.push(`${made.name} has the response of ${frame.type}`);
        settle('served');
      },
      (error: unknown) => settle(LpError.isInstance(error) ? error.code : 'aborted'),
    );
  }

  function respond(which: number, code: number): void {
    const socket = network.sockets.at(-1);
    const text = socket?.texts[which % Math.max(1, socket.texts.length)];
    if (!socket || text === undefined) return;
    const { id, type } = JSON.parse(text) as { id: string; type: string };
    socket.deliver({ kind: 'resp', reqId: id, type: `${type}$Response`, code });
  }

  ignore(transport.connect());
  await turn();
  for (const next of steps) {
    const socket = network.sockets.at(-1);
    if (next.do === 'accept') socket?.open();
    else if (next.do === 'refuse') socket?.refuse(next.status);
    else if (next.do === 'end') socket?.end(next.code);
    else if (next.do === 'freeze' && socket) socket.frozen = true;
    else if (next.do === 'url') urlFails = next.fails;
    else if (next.do === 'prepare') prepareFails = next.fails;
    else if (next.do === 'request') request(next.idempotent, next.timeoutMs);
    else if (next.do === 'respond') respond(next.which, next.code);
    else if (next.do === 'respond to nobody') socket?.deliver({ kind: 'resp', reqId: '4711', type: 'x', code: 200 });
    else if (next.do === 'abort') requests[next.which % Math.max(1, requests.length)]?.abort.abort();
    else if (next.do === 'wait') await clock.advance(next.ms);
    else if (next.do === 'reconnect') ignore(transport.reconnect({ reauth: next.reauth }));
    else if (next.do === 'drain') ignore(transport.drain());
    else if (next.do === 'close') ignore(transport.close());
    else if (next.do === 'abort all') end.abort();
    await turn();
    if (network.live.length > 1) violations.push('two sockets');
  }
  ignore(transport.close());
  await clock.advance(3_000);
  await transport.closed;
  await watching;

  for (const { name, idempotent, settled } of requests) {
    const written = network.sockets.map(
      ({ texts }) => texts.filter((text) => text.includes(`"type":"${name}"`)).length,
    );
    const sum = written.reduce((total, count) => total + count, 0);
    if (settled !== 1) violations.push(`${name} settled ${settled} times`);
    if (written.some((count) => count > 1)) violations.push(`${name} written twice on one connection`);
    if (!idempotent && sum > 1) violations.push(`${name} written again`);
  }
  // One connection at a time: connected, then lost, then connected again; and closed once, at the very end.
  const life = events.filter((type) => ['connected', 'disconnected', 'reconnected', 'closed'].includes(type)).join(' ');
  if (!LIFE.test(life)) violations.push(life);
  const { inFlight, queuedBytes } = transport.stats;
  expect({
    violations,
    inFlight,
    queuedBytes,
    sockets: network.live.length,
    timers: clock.pendingTimers,
    dials: asked,
  }).toEqual({ violations: [], inFlight: 0, queuedBytes: 0, sockets: 0, timers: 0, dials: 0 });
  return [...outcomes, ...events];
}

it(`holds its promises under ${RUNS} random schedules`, async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 40, size: 'max' }), async (steps) => {
      for (const what of await play(steps)) seen.set(what, (seen.get(what) ?? 0) + 1);
    }),
    { numRuns: RUNS },
  );
  // The schedules have been everywhere, or the promises were not tried.
  for (const what of [
    'served',
    'REQUEST_REJECTED',
    'REQUEST_TIMEOUT',
    'OUTCOME_UNKNOWN',
    'CONNECTION_LOST',
    'CLOSED',
    'DRAINING',
    'aborted',
    'connected',
    'disconnected',
    'reconnected',
  ]) {
    expect([what, (seen.get(what) ?? 0) > 50]).toEqual([what, true]);
  }
}, 120_000);
