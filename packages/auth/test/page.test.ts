import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ConfigError, LpError } from '@lp/core';
import * as page from '../src/platform.browser.ts';

const exchange = {
  origin: 'https://a.example',
  path: '/x?y=1',
  method: 'POST',
  body: null,
  signal: new AbortController().signal,
  repeatable: true,
  limit: 10,
  host: 'a.example',
};
const none = { dispatcher: undefined, proxy: undefined, ca: undefined, connectTimeoutMs: 1 };
const failed = { origin: 'https://a.example', host: 'a.example', service: 'swift', repeatable: true };

let asked: { url: string; init: RequestInit }[];
let response: () => Promise<Response>;
const realFetch = globalThis.fetch;
beforeEach(() => {
  asked = [];
  response = () => Promise.resolve(new Response('ok', { headers: { ETag: '"1"' } }));
  globalThis.fetch = jest.fn((url: unknown, init?: RequestInit) => {
    asked.push({ url: String(url), init: init ?? {} });
    return response();
  }) as typeof fetch;
});
afterEach(() => {
  globalThis.fetch = realFetch;
});

// What only a browser shows is tested in packages/browser-tests.
describe('HTTP in a page', () => {
  it('goes through fetch: no redirect followed, no cookie sent that was not asked for, none of the forbidden headers', async () => {
    const http = page.createExchanger(none);
    const headers = { 'user-agent': 'x', authorization: 'Bearer t' };
    const received = await http.exchange({ ...exchange, headers, body: 'text' });
    expect(received).toMatchObject({ status: 200, headers: { etag: '"1"' } });
    expect(new TextDecoder().decode(received.body)).toBe('ok');
    expect(asked[0]?.url).toBe('https://a.example/x?y=1');
    expect(asked[0]?.init).toMatchObject({ redirect: 'manual', credentials: 'omit', referrerPolicy: 'no-referrer' });
    expect(asked[0]?.init.headers).toEqual({ authorization: 'Bearer t' });
  });

  it('lets the browser send the cookies of a session, which it alone holds', async () => {
    await page.createExchanger(none).exchange({ ...exchange, headers: { cookie: 'session_id=1' } });
    expect(asked[0]?.init).toMatchObject({ credentials: 'include', headers: {} });
  });

  it('reads a body that is given as a stream before it is sent', async () => {
    async function* bytes() {
      yield await Promise.resolve(new Uint8Array([1, 2]));
      yield new Uint8Array([3]);
    }
    await page.createExchanger(none).exchange({ ...exchange, headers: {}, body: bytes() });
    expect(asked[0]?.init.body).toEqual(new Uint8Array([1, 2, 3]));
  });

  it('refuses a response that is larger than allowed, and stops reading it', async () => {
    const cancelled = jest.fn();
    response = () => {
      const body = new ReadableStream<Uint8Array>({
        pull: (into) => into.enqueue(new Uint8Array(8)),
        cancel: () => void cancelled(),
      });
      return Promise.resolve(new Response(body));
    };
    const sent = page.createExchanger(none).exchange({ ...exchange, headers: {} });
    await expect(sent).rejects.toThrow('the response of a.example is larger than 10 bytes');
    expect(cancelled).toHaveBeenCalledTimes(1);
  });

  it('tells a redirect, which a page cannot look into', async () => {
    const opaque = new Response();
    Object.defineProperty(opaque, 'type', { value: 'opaqueredirect' });
    response = () => Promise.resolve(opaque);
    const sent = page.createExchanger(none).exchange({ ...exchange, headers: {} });
    await expect(sent).rejects.toMatchObject({
      retryable: true,
      message: 'a.example responded with a redirect, which is not followed',
    });
  });

  it('names the host and CORS when the browser says nothing; what may have been done is said as such', async () => {
    const http = page.createExchanger(none);
    const told = await http.errorOf(new TypeError('Failed to fetch'), failed);
    expect(told.code).toBe('NOT_CONNECTED');
    expect(told.message).toMatch(/cannot reach a\.example.*CORS/);
    const unknown = await http.errorOf(new TypeError('Failed to fetch'), { ...failed, repeatable: false });
    expect(LpError.isInstance(unknown) && unknown.code).toBe('OUTCOME_UNKNOWN');
  });
});

describe('what a page cannot have', () => {
  it.each([
    ['dispatcher', { dispatcher: {} as never }],
    ['proxy', { proxy: 'http://p.example:1' }],
    ['tls.ca', { ca: 'x' }],
  ])('%s is a ConfigError', (name, options) => {
    expect(() => page.createExchanger({ ...none, ...options })).toThrow(ConfigError);
    expect(() => page.createExchanger({ ...none, ...options })).toThrow(`${name} cannot be used in a page`);
  });

  it('a proxy for the socket, and signing with a key', async () => {
    expect(() => page.parseProxy('env')).toThrow(ConfigError);
    await expect(page.socketAgent('env')).rejects.toThrow(ConfigError);
    expect(() => new page.OAuth1Signer()).toThrow('calls cannot be signed in a page');
    expect(await page.readCookie('a=1')).toBeNull();
    expect(page.isBrowser).toBe(true);
  });
});
