import { expect, it } from '@jest/globals';
import { createTransport } from '@lp/transport';
import { startServer } from './support/server.ts';

it('smoke', async () => {
  await using server = await startServer();
  const t = createTransport({ url: async () => server.url, reconnect: { initialMs: 10, dialSpacingMs: 0 } });
  const events: string[] = [];
  const status = t.status();
  const reading = (async () => {
    for await (const e of status) events.push(e.type);
  })();
  await t.connect();
  const c = await server.clients.next();
  const r = t.request({ type: '.GetClock' });
  const q = await c.requests.next();
  c.answer(q, { currentTime: 1 });
  expect((await r).body).toEqual({ currentTime: 1 });
  c.drop();
  const c2 = await server.clients.next();
  const r2 = t.request({ type: '.GetClock' });
  c2.answer(await c2.requests.next());
  await r2;
  await t.drain();
  await reading;
  expect(events).toEqual([
    'connecting',
    'connected',
    'disconnected',
    'reconnecting',
    'connecting',
    'reconnected',
    'closed',
  ]);
  expect((await c2.closed).code).toBe(1000);
});
