import { describe, expect, it } from '@jest/globals';
import { Listener } from '../../src/postgres/listener.ts';
import type { PgClient, PgPool } from '../../src/postgres/pg-types.ts';

/** A pool whose connections answer LISTEN and then nothing any more, as a half-open link does. */
function createSilentPool() {
  const seen = { connected: 0, closed: 0, unheld: 0 };
  const connect = async (): Promise<PgClient> => {
    seen.connected++;
    return {
      query: (text) =>
        text.startsWith('listen') ? Promise.resolve({ rows: [], rowCount: 0 }) : new Promise(() => undefined),
      release: () => void seen.closed++,
      unref: () => void seen.unheld++,
      on: () => undefined,
      removeListener: () => undefined,
    };
  };
  const pool: PgPool = { connect, end: async () => undefined, on: () => undefined, removeListener: () => undefined };
  return { pool, seen };
}

describe('the listener', () => {
  it('gives a link up that does not respond any more, and listens on another', async () => {
    const { pool, seen } = createSilentPool();
    let woken = 0;
    const listener = new Listener(pool, () => woken++, 20);
    await listener.start();
    while (seen.connected < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen.closed).toBeGreaterThan(0);
    expect(woken).toBeGreaterThan(1);
    listener.close();
    expect(seen.closed).toBe(seen.connected);
    // A process may end although the other end of a link never says that it has.
    expect(seen.unheld).toBe(seen.connected);
  });

  it('gives a link up on which not even LISTEN is answered', async () => {
    const { pool, seen } = createSilentPool();
    const connect = pool.connect.bind(pool);
    const deaf: PgPool = {
      ...pool,
      connect: async () => ({ ...(await connect()), query: () => new Promise(() => undefined) }),
    };
    const listener = new Listener(deaf, () => undefined, 20);
    await listener.start();
    while (seen.connected < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen.closed).toBeGreaterThan(0);
    listener.close();
  });

  it('asks a server that refuses LISTEN, as a replica does, again after a while and not in a loop', async () => {
    const { pool, seen } = createSilentPool();
    const connect = pool.connect.bind(pool);
    const refusing: PgPool = {
      ...pool,
      connect: async () => ({ ...(await connect()), query: () => Promise.reject(new Error('in recovery')) }),
    };
    let woken = 0;
    const listener = new Listener(refusing, () => woken++);
    await listener.start();
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect([seen.connected, seen.closed, woken]).toEqual([1, 1, 0]);
    listener.close();
  });
});
