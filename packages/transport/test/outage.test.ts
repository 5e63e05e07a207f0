import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@lp/core';
import { resolveOptions } from '../src/resolve-options.ts';
import { MessagingTransport } from '../src/transport.ts';
import { FakeNetwork } from './support/fake-network.ts';
import { turn } from './support/harness.ts';

const HOUR = 3_600_000;

function start() {
  const clock = createManualClock();
  const network = new FakeNetwork();
  const logins: number[] = [];
  const options = {
    url: ({ reason }: { reason: string }) => {
      if (reason !== 'retry') logins.push(clock.now());
      return 'wss://example.com/';
    },
    clock,
    logger: false as const,
    reconnect: { maxAttempts: Infinity },
  };
  const platform = { openSocket: network.openSocket, isBrowser: false };
  return { clock, network, logins, transport: new MessagingTransport(resolveOptions(options), platform) };
}

/** Connects, then lets `refuse` respond to every dial for `hours`. */
async function outage(hours: number, refuse: (network: FakeNetwork) => void) {
  const test = start();
  const { clock, network, transport } = test;
  const connected = transport.connect();
  await turn();
  network.live[0]?.open();
  await connected;
  await clock.advance(60_000);
  network.live[0]?.end(1006);
  const until = clock.now() + hours * HOUR;
  while (clock.now() < until) {
    await clock.advance(1_000);
    refuse(network);
  }
  return test;
}

describe('a service', () => {
  it('is there again after twelve hours without a network, at most two minutes after it is back', async () => {
    const { clock, network, logins, transport } = await outage(12, ({ live }) => {
      for (const socket of live) socket.refuse(502);
    });
    expect(transport.state).toBe('reconnecting');
    expect(logins).toHaveLength(1);
    const until = clock.now() + 145_000;
    while (transport.state !== 'connected' && clock.now() < until) {
      await clock.advance(1_000);
      for (const socket of network.live) socket.open();
    }
    expect(transport.state).toBe('connected');
    await transport.close();
  });

  it('whose token is refused for twelve hours logs in at most once every two minutes', async () => {
    const { logins, transport } = await outage(12, ({ live }) => {
      for (const socket of live) socket.refuse(401);
    });
    expect(transport.state).toBe('reconnecting');
    const late = logins.slice(5);
    const gaps = late.slice(1).map((at, index) => at - (late[index] ?? 0));
    expect(gaps.length).toBeGreaterThan(100);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(120_000);
    await transport.close();
  });
});
