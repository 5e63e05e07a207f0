import { describe, expect, it } from '@jest/globals';
import type { ConnectionEvent, StatusEvent } from '@lp/transport';
import { Lifecycle } from '../../src/inbound/lifecycle.ts';
import { StatusHub } from '../../src/inbound/status.ts';

const AT = 1_700_000_000_000;
const LOST = { type: 'disconnected', at: AT } as ConnectionEvent;
const BACK = { type: 'reconnected', at: AT, epoch: 2 } as ConnectionEvent;

/** A lifecycle with one stream, and what its transport tells. */
function followed() {
  const seen: string[] = [];
  const lifecycle = new Lifecycle();
  const hub = new StatusHub();
  const connection: ((event: ConnectionEvent) => void)[] = [];
  const status: ((event: StatusEvent) => void)[] = [];
  lifecycle.follow(
    {
      state: 'connected',
      onConnection: (listener) => {
        connection.push(listener);
        return () => undefined;
      },
      onStatus: (listener) => {
        status.push(listener);
        return () => undefined;
      },
    },
    hub,
  );
  lifecycle.join({
    connectionLost: () => seen.push('lost'),
    connectionRestored: (epoch) => seen.push(`restored ${epoch}`),
    stop: async () => undefined,
  });
  const tell = (event: ConnectionEvent) => {
    for (const listener of connection) listener(event);
    for (const listener of status) listener(event);
  };
  return { hub, lifecycle, seen, tell };
}

describe('the lifecycle of an agent', () => {
  it('tells its streams of a lost and a restored connection in the same turn', () => {
    const { seen, tell } = followed();
    tell(LOST);
    expect(seen).toEqual(['lost']);
    tell(BACK);
    expect(seen).toEqual(['lost', 'restored 2']);
  });

  it('misses none of them, however many come in one turn', () => {
    const { seen, tell } = followed();
    for (let round = 0; round < 1_000; round++) tell(round % 2 === 0 ? LOST : BACK);
    expect(seen).toHaveLength(1_000);
  });

  it('passes every event on as status', async () => {
    const { hub, tell } = followed();
    const stream = hub.stream();
    tell(LOST);
    hub.end();
    const told: string[] = [];
    for await (const { type } of stream) told.push(type);
    expect(told).toEqual(['disconnected']);
  });
});
