import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '@lp/core';
import { makeCertificate } from '../../../auth/test/support/certificates.ts';
import { type ConnectProxy, startConnectProxy } from '../../../auth/test/support/connect-proxy.ts';
import { fastReconnect } from '../support/fast-reconnect.ts';
import { first, startPlatform, type TestPlatform } from '../support/platform.ts';

let platform: TestPlatform;
let proxy: ConnectProxy;

beforeEach(async () => {
  platform = await startPlatform();
  proxy = await startConnectProxy('me:secret');
});

afterEach(async () => {
  await platform[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
});

describe('an agent behind a proxy', () => {
  it('goes through it with everything, on the first connection and on later ones', async () => {
    const agent = await platform.connect({ proxy: proxy.url, reconnect: fastReconnect });
    const before = proxy.targets.length;
    expect(before).toBeGreaterThanOrEqual(2);
    const restored = first(agent.status(), ({ type }) => type === 'reconnected');
    proxy.cut();
    await restored;
    expect(proxy.targets.length).toBeGreaterThan(before);
    expect((await agent.getClock()).currentTime).toBeGreaterThan(0);
  });

  it('is told of a refusal at a redial as the proxy’s, and goes on when it ends', async () => {
    const agent = await platform.connect({ proxy: proxy.url, reconnect: fastReconnect });
    const status = agent.status();
    proxy.refuseWith(403);
    proxy.cut();
    const refused = await first(
      status,
      (event) => event.type === 'reconnecting' && event.error !== undefined && /proxy/.test(event.error.message),
    );
    expect(refused).toMatchObject({ error: { code: 'NOT_CONNECTED' } });
    expect(JSON.stringify(refused)).not.toContain('secret');
    const restored = first(agent.status(), ({ type }) => type === 'reconnected');
    proxy.refuseWith(undefined);
    await restored;
  });

  it('with a token for a user and no password goes through it, with HTTP and the socket alike', async () => {
    await using other = await startConnectProxy('token:');
    const agent = await platform.connect({ proxy: other.url });
    expect((await agent.getClock()).currentTime).toBeGreaterThan(0);
  });

  it('without its password is told that the proxy wants one', async () => {
    await expect(platform.connect({ proxy: proxy.url.replace('me:secret@', '') })).rejects.toThrow(
      /the proxy wants credentials \(407\)/,
    );
  });

  it('sends REST calls and files through it too, and nothing around it', async () => {
    const agent = await platform.connect({ proxy: proxy.url });
    const [conversationId = ''] = platform.simulator.openConversations(1, {
      assignedTo: platform.simulator.agents[0]?.username ?? '',
    });
    const bytes = new Uint8Array([1, 2, 3]);
    const conversation = agent.conversation(conversationId);
    const { relativePath } = await conversation.uploadFile(bytes, { fileType: 'PDF' });
    expect(Buffer.from(await conversation.downloadFile(relativePath))).toEqual(Buffer.from(bytes));
    const span = { start: { from: Date.now() - 60_000, to: Date.now() + 60_000 } };
    const found = [];
    for await (const { info } of agent.history.conversations(span)) found.push(info.conversationId);
    expect(found).toEqual([conversationId]);
    expect(new Set(proxy.targets)).toEqual(new Set([platform.simulator.csdsDomain]));
    expect(proxy.plain).toEqual([]);
    // Whatever has gone around it would go on without it.
    proxy.refuseWith(403);
    proxy.cut();
    await expect(first(agent.history.conversations(span), () => true)).rejects.toThrow(/proxy/);
  });

  it('that is named by the environment is used for what NO_PROXY does not except', async () => {
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'] as const;
    const kept = names.map((name) => [name, process.env[name]] as const);
    try {
      for (const name of names) delete process.env[name];
      Object.assign(process.env, { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url });
      await platform.connect({ proxy: 'env' });
      const opened = proxy.targets.length;
      expect(opened).toBeGreaterThanOrEqual(2);
      process.env['NO_PROXY'] = '127.0.0.1';
      await platform.connect({ proxy: 'env' });
      expect(proxy.targets).toHaveLength(opened);
    } finally {
      for (const [name, value] of kept) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  it('may be spoken to in TLS, with an authority of its own; without that it is not trusted', async () => {
    const certificate = await makeCertificate();
    await using secure = await startConnectProxy('me:secret', certificate);
    const csdsDomain = `http://${platform.simulator.csdsDomain}`;
    const agent = await platform.connect({ csdsDomain, proxy: secure.url, tls: { ca: certificate.ca } });
    expect((await agent.getClock()).currentTime).toBeGreaterThan(0);
    expect(secure.targets.length).toBeGreaterThanOrEqual(2);
    await expect(platform.connect({ csdsDomain, proxy: secure.url })).rejects.toThrow(/proxy|trust|certificate/);
  });

  it('takes no second way beside it', async () => {
    await expect(platform.connect({ proxy: proxy.url, wsAgent: {} })).rejects.toThrow(ConfigError);
  });
});
