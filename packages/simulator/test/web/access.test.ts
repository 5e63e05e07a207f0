import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import { runCli } from '@lp/simulator/cli';
import { Agent, fetch } from 'undici';
import { WebSocket } from 'ws';
import { act, PageClient, statusAs } from './page-client.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ web: true });
});
afterAll(() => simulator.close());

const get = (path: string) => fetch(simulator.url + path, { redirect: 'manual' });

describe('the page’s address', () => {
  // verifies: sim:web
  it('is there with the option web only', async () => {
    expect(simulator.pageUrl).toBe(`${simulator.url}/simulator/`);
    await using plain = await startSimulator();
    expect(plain.pageUrl).toBeUndefined();
    expect((await fetch(`${plain.url}/simulator/`)).status).toBe(404);
    const socket = new WebSocket(`${plain.url.replace('http', 'ws')}/simulator/feed`, { origin: plain.url });
    const [error] = (await once(socket, 'error')) as [Error];
    expect(error.message).toMatch(/404/);
  });

  it.each(['/', '/simulator', '/simulator?x=1'])('is where %s leads', async (path) => {
    const response = await get(path);
    expect([response.status, response.headers.get('location')]).toEqual([302, '/simulator/']);
  });

  it.each([
    ['/simulator/', 'text/html; charset=utf-8'],
    ['/simulator/agent.html', 'text/html; charset=utf-8'],
    ['/simulator/page.js', 'text/javascript; charset=utf-8'],
    ['/simulator/agent.js', 'text/javascript; charset=utf-8'],
    ['/simulator/page.css', 'text/css; charset=utf-8'],
    ['/simulator/icon.svg', 'image/svg+xml'],
  ])('serves %s as %s', async (path, type) => {
    const response = await get(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect((await response.text()).length).toBeGreaterThan(100);
  });

  it.each([
    '/simulator/../package.json',
    '/simulator/%2e%2e/%2e%2e/package.json',
    '/simulator/constructor',
    '/simulator/x',
  ])('serves nothing else: %s', async (path) => {
    expect(await statusAs(simulator, '127.0.0.1', path)).toBe(404);
  });

  it('names nothing from elsewhere in its files', async () => {
    for (const name of ['', 'agent.html', 'page.css']) {
      expect(await (await get(`/simulator/${name}`)).text()).not.toMatch(/https?:\/\/|@import|url\(/);
    }
  });

  it('leaves the platform’s own routes alone', async () => {
    const lookup = await get(`/api/account/${simulator.accountId}/service/baseURI.json`);
    expect(lookup.status).toBe(200);
    expect(lookup.headers.get('content-security-policy')).toBeNull();
    expect((await get('/simulators')).status).toBe(404);
  });
});

describe('the page’s option', () => {
  it('is true or false', async () => {
    await expect(startSimulator({ web: 'yes' as unknown as boolean })).rejects.toThrow('web must be true or false');
  });

  it('is on for the command, which says where the page is', async () => {
    let printed = '';
    const running = await runCli([], { out: (text) => (printed += text), err: (text) => (printed += text) });
    if (typeof running === 'number') throw new Error('it did not start');
    await using started = running;
    expect(printed).toContain(`chat page    ${started.url}/simulator/\n`);
  });

  it('goes with TLS: the page is served and spared by an outage there too', async () => {
    await using secure = await startSimulator({ web: true, tls: true });
    const dispatcher = new Agent({ connect: { ca: secure.ca ?? '' } });
    await using page = await PageClient.open(secure);
    await page.message('faults');
    const response = await fetch(`${secure.pageUrl}do/fault`, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: secure.url },
      body: JSON.stringify({ id: 'down', on: true, values: {} }),
    });
    expect(response.status).toBe(200);
    await page.message('faults', ({ faults }) => faults.some(({ id, on }) => id === 'down' && on));
    await expect(fetch(`${secure.url}/api/x`, { dispatcher })).rejects.toThrow('fetch failed');
    expect(page.socket.readyState).toBe(page.socket.OPEN);
    await dispatcher.close();
  });
});

describe('the page’s safety', () => {
  it('lets nothing run that does not come from the page’s own files', async () => {
    const policy = (await get('/simulator/')).headers.get('content-security-policy') ?? '';
    const directives = new Map(
      policy.split('; ').map((directive) => [directive.split(' ')[0] ?? '', directive.split(' ').slice(1).join(' ')]),
    );
    expect(directives.get('default-src')).toBe("'none'");
    expect(directives.get('script-src')).toBe("'self'");
    expect(directives.get('style-src')).toBe("'self'");
    expect(directives.get('frame-ancestors')).toBe("'none'");
    expect(directives.get('require-trusted-types-for')).toBe("'script'");
    expect(directives.get('connect-src')).toBe(`'self' ws://${simulator.csdsDomain} wss://${simulator.csdsDomain}`);
    expect(policy).not.toMatch(/unsafe|\*/);
  });

  it.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', '192.168.0.1', 'x@127.0.0.1x', '[::2]'])(
    'responds to no request whose Host is %s',
    async (host) => {
      expect(await statusAs(simulator, host, '/simulator/')).toBe(403);
    },
  );

  it.each(['127.0.0.1:1', 'localhost', '[::1]:8080'])('responds when the Host is %s', async (host) => {
    expect(await statusAs(simulator, host, '/simulator/')).toBe(200);
  });

  it('changes nothing for pages of others, or for who does not say where it comes from', async () => {
    const others: Record<string, string>[] = [
      {},
      { origin: 'null' },
      { origin: 'http://evil.example' },
      { origin: simulator.url.replace('http', 'https') },
      { origin: `${simulator.url}0` },
      { origin: 'http://127.0.0.1:1' },
    ];
    for (const headers of others) expect((await act(simulator, 'start', {}, headers)).status).toBe(403);
    const { messages } = await client();
    expect(messages.find(({ type }) => type === 'conversations')).toMatchObject({ total: 0 });
  });

  it('opens the feed for its own page only', async () => {
    for (const origin of ['http://evil.example', undefined]) {
      const socket = new WebSocket(`${simulator.url.replace('http', 'ws')}/simulator/feed`, origin ? { origin } : {});
      const [error] = (await once(socket, 'error')) as [Error];
      expect(error.message).toMatch(/403/);
    }
    const elsewhere = new WebSocket(`${simulator.url.replace('http', 'ws')}/simulator/x`, { origin: simulator.url });
    const [error] = (await once(elsewhere, 'error')) as [Error];
    expect(error.message).toMatch(/404/);
  });

  it('closes a feed that sends something else than a request, or too much of it', async () => {
    for (const text of ['x', '[]', '1', JSON.stringify({ x: 'y'.repeat(5_000) })]) {
      const page = await PageClient.open(simulator);
      page.socket.send(text);
      const [code] = (await once(page.socket, 'close')) as [number];
      expect([1008, 1009]).toContain(code);
    }
  });

  it('survives a request for what has no text', async () => {
    await using page = await PageClient.open(simulator);
    page.socket.send('{"conversationId":{"toString":1}}');
    page.ask({ conversationId: 'none' } as never);
    await page.message('conversations');
    expect(page.socket.readyState).toBe(page.socket.OPEN);
  });

  it('says what is wrong with an action', async () => {
    const own = { origin: simulator.url };
    const cases: [string, unknown, Record<string, string>, number, RegExp][] = [
      ['dance', {}, own, 404, /no such action/],
      ['toString', {}, own, 404, /no such action/],
      ['say', '{', own, 400, /not a JSON object/],
      ['say', [], own, 400, /not a JSON object/],
      ['say', {}, own, 400, /conversationId is missing/],
      ['say', { conversationId: 'c', dialogId: 'd', text: 1 }, own, 400, /text is missing/],
      ['say', { conversationId: 'c', dialogId: 'd', text: 'x' }, own, 400, /Conversation does not exist/],
      ['say', { text: 'x'.repeat(70_000) }, own, 413, /too large/],
      ['say', {}, { ...own, 'content-type': 'text/plain' }, 415, /JSON/],
      ['start', { name: 'x'.repeat(81) }, own, 400, /name is longer/],
      ['read', { conversationId: 'c', dialogId: 'd', sequences: [-1] }, own, 400, /sequences/],
      ['click', { conversationId: 'c', dialogId: 'd', sequence: 0, path: '' }, own, 400, /path is missing/],
      ['fault', { id: 'x', on: true, values: {} }, own, 400, /no such fault/],
      ['fault', { id: 'delay', on: 'yes', values: {} }, own, 400, /on must be/],
      ['fault', { id: 'delay', on: true }, own, 400, /values is missing/],
      ['fault', { id: 'delay', on: true, values: { ms: 3 } }, own, 400, /ms must be one of 500, 2000, 8000/],
    ];
    for (const [action, body, headers, status, reason] of cases) {
      const response = await act(simulator, action, body, headers);
      expect([action, response.status]).toEqual([action, status]);
      expect(await response.json()).toEqual({ error: expect.stringMatching(reason) });
    }
    expect((await get('/simulator/do/say')).status).toBe(405);
    expect((await fetch(`${simulator.url}/simulator/`, { method: 'POST' })).status).toBe(405);
  });
});

async function client(): Promise<PageClient> {
  const page = await PageClient.open(simulator);
  await page.message('faults');
  await page[Symbol.asyncDispose]();
  return page;
}
