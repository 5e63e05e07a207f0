import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '@lp/simulator';
import type { Browser, Page } from 'playwright-core';
import { launch, openTab, say, startConversation } from './support/browser.ts';

let browser: Browser;
let server: Server;
let simulator: Simulator;
let page: Page;
beforeAll(async () => {
  browser = await launch();
  // A page of another site, as a browser sees it: on another port, and on another name of this machine.
  server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><p>Hi'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  await browser.close();
  server.close();
});
afterEach(async () => {
  await page.context().close();
  await simulator.close();
});

const port = () => (server.address() as AddressInfo).port;
async function visit(origin: string, options: { allowedOrigins?: string[] } = {}): Promise<void> {
  simulator = await startSimulator({ web: true, ...options });
  page = await (await browser.newContext()).newPage();
  await page.goto(`${origin}/`);
}

/** Everything a page can try, and what it gets. */
function attack(to: { url: string; accountId: string }) {
  return page.evaluate(async ({ url, accountId }) => {
    const account = `${url}/api/account/${accountId}`;
    const got: Record<string, string> = {};
    const attempt = async (name: string, run: () => Promise<string>) => {
      got[name] = await run().catch(() => 'nothing');
    };
    const script = (src: string) =>
      new Promise<string>((resolve, reject) => {
        const tag = document.createElement('script');
        Object.assign(window, { stolen: (value: object) => resolve(JSON.stringify(value)) });
        tag.onerror = reject;
        tag.src = src;
        document.body.append(tag);
      });
    const socket = (path: string) =>
      new Promise<string>((resolve, reject) => {
        const ws = new WebSocket(url.replace('http', 'ws') + path);
        ws.onopen = () => resolve('open');
        ws.onerror = reject;
      });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    await attempt('a script of a token', () => script(`${account}/signup.jsonp?callback=stolen`));
    await attempt('a script of the look-up', () => script(`${account}/service/baseURI.lpCsds?cb=stolen`));
    await attempt('reading', async () => (await fetch(`${account}/service/baseURI.json`)).text());
    await attempt('a token', async () => (await fetch(`${account}/signup`, { method: 'POST' })).text());
    await attempt('reading with cookies', async () =>
      (await fetch(`${account}/service/baseURI.json`, { credentials: 'include' })).text(),
    );
    await attempt('a post as a form does', async () =>
      (await fetch(`${account}/signup`, { method: 'POST', headers: form, body: 'a=b' })).text(),
    );
    await attempt('the files of the page', async () => (await fetch(`${url}/simulator/`)).text());
    await attempt('a consumer’s socket', () => socket(`/ws_api/account/${accountId}/messaging/consumer?v=3`));
    await attempt('the feed of the page', () => socket('/simulator/feed'));
    await attempt(
      'a picture',
      () =>
        new Promise((resolve, reject) => {
          const image = new Image();
          image.onload = () => resolve('shown');
          image.onerror = reject;
          image.src = `${url}/simulator/icon.svg`;
        }),
    );
    return got;
  }, to);
}

const target = () => ({ url: simulator.url, accountId: simulator.accountId });

describe('a page of another origin', () => {
  it.each(['127.0.0.1', 'localhost'])('gets nothing at all: http://%s on another port', async (host) => {
    await visit(`http://${host}:${port()}`);
    const got = await attack(target());
    expect(Object.keys(got)).toHaveLength(10);
    expect(new Set(Object.values(got))).toEqual(new Set(['nothing']));
  });

  it('leaves nothing behind by a form that it submits', async () => {
    await visit(`http://localhost:${port()}`);
    await page.evaluate(({ url, accountId }) => {
      const form = document.createElement('form');
      form.method = 'POST';
      form.action = `${url}/api/account/${accountId}/signup`;
      document.body.append(form);
      form.submit();
    }, target());
    await page.waitForURL(/signup/);
    expect(await page.locator('body').textContent()).toContain('allowedOrigins');
  });

  it('gets what it asks for once it is allowed', async () => {
    const origin = `http://localhost:${port()}`;
    await visit(origin, { allowedOrigins: [origin] });
    const got = await attack(target());
    expect(got['a script of a token']).toContain('jwt');
    expect(got['a token']).toContain('jwt');
    expect(got['reading']).toContain('baseURIs');
    expect(got['a consumer’s socket']).toBe('open');
    expect(got['the feed of the page']).toBe('nothing');
  });
});

describe('the simulator’s own page', () => {
  let own: Simulator;
  beforeEach(async () => {
    await visit(`http://localhost:${port()}`);
    own = simulator;
  });

  it('works beside it, and can be reached by a link from it', async () => {
    await page.setContent(`<a href="${own.pageUrl}">chat</a>`);
    await page.getByText('chat').click();
    await startConversation(page, 'Hello');
    await say(page, 'again');
    await page.locator('.bubble').nth(1).waitFor();
    expect(await page.locator('.bubble').count()).toBe(2);
  });

  it('works under every name of this machine', async () => {
    await using tab = await openTab(browser, own);
    await tab.page.goto((own.pageUrl ?? '').replace('127.0.0.1', 'localhost'));
    await startConversation(tab.page, 'Hello');
    await tab.page.locator('.bubble').first().waitFor();
    expect(new URL(tab.page.url()).hostname).toBe('localhost');
  });
});
