import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '@lp/core';
import { fastReconnect, first, startPlatform, type TestPlatform } from '../support/platform.ts';

let platform: TestPlatform;
let proxy: Awaited<ReturnType<typeof startProxy>>;

beforeEach(async () => {
  platform = await startPlatform();
  proxy = await startProxy();
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
  await proxy.close();
});

/** A CONNECT proxy that asks for a password. */
async function startProxy() {
  const tunnels = new Set<Duplex>();
  let opened = 0;
  let refuses = false;
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request: IncomingMessage, client: Duplex) => {
    client.on('error', () => undefined);
    const allowed = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    if (refuses || request.headers['proxy-authorization'] !== allowed) {
      client.end(`HTTP/1.1 ${refuses ? 403 : 407} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    opened++;
    const target = connect(Number((request.url ?? '').split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(client);
      client.pipe(target);
    });
    target.on('error', () => client.destroy());
    tunnels.add(client);
    client.on('close', () => target.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://me:secret@127.0.0.1:${port}`,
    opened: () => opened,
    refuse: (on: boolean) => {
      refuses = on;
    },
    cut: () => {
      for (const tunnel of tunnels) tunnel.destroy();
    },
    async close() {
      for (const tunnel of tunnels) tunnel.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('an agent behind a proxy', () => {
  it('goes through it with everything, on the first connection and on later ones', async () => {
    const agent = await platform.connect({ proxy: proxy.url, reconnect: fastReconnect });
    const before = proxy.opened();
    expect(before).toBeGreaterThanOrEqual(2);
    const restored = first(agent.status(), ({ type }) => type === 'reconnected');
    proxy.cut();
    await restored;
    expect(proxy.opened()).toBeGreaterThan(before);
    expect((await agent.getClock()).currentTime).toBeGreaterThan(0);
  });

  it('is told of a refusal at a redial as the proxy’s, and goes on when it ends', async () => {
    const agent = await platform.connect({ proxy: proxy.url, reconnect: fastReconnect });
    const status = agent.status();
    proxy.refuse(true);
    proxy.cut();
    const refused = await first(
      status,
      (event) => event.type === 'reconnecting' && event.error !== undefined && /proxy/.test(event.error.message),
    );
    expect(refused).toMatchObject({ error: { code: 'NOT_CONNECTED' } });
    expect(JSON.stringify(refused)).not.toContain('secret');
    const restored = first(agent.status(), ({ type }) => type === 'reconnected');
    proxy.refuse(false);
    await restored;
  });

  it('without its password is told that the proxy wants one', async () => {
    await expect(platform.connect({ proxy: `http://127.0.0.1:${proxy.port}` })).rejects.toThrow(
      /the proxy wants credentials \(407\)/,
    );
  });

  it('takes no second way beside it', async () => {
    await expect(platform.connect({ proxy: proxy.url, wsAgent: {} })).rejects.toThrow(ConfigError);
  });
});
