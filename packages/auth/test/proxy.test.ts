import { afterEach, describe, expect, it } from '@jest/globals';
import { createDomainResolver, createHttpClient, login, parseProxy } from '@lp/auth';
import { ConfigError, NotConnectedError } from '@lp/core';
import { makeCertificate } from './support/certificates.ts';
import { PASSWORD } from './support/client.ts';
import { startConnectProxy } from './support/connect-proxy.ts';
import { rejection } from './support/errors.ts';
import { ACCOUNT, startPlatform } from './support/platform.ts';

const VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]);
const before = VARIABLES.map((name) => [name, process.env[name]] as const);

afterEach(() => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

describe('through a proxy', () => {
  for (const credentials of [undefined, 'user:p@ss word']) {
    for (const tls of [false, true]) {
      it(`look-up and login go by CONNECT, ${credentials ? 'with' : 'without'} a password, to ${tls ? 'https' : 'http'}`, async () => {
        const certificate = tls ? await makeCertificate() : undefined;
        await using platform = await startPlatform(certificate ? { tls: certificate } : {});
        await using proxy = await startConnectProxy(credentials);
        await using http = createHttpClient({
          proxy: proxy.url,
          logger: false,
          ...(certificate && { tls: { ca: certificate.ca } }),
        });
        const csdsDomain = `${tls ? 'https' : 'http'}://${platform.host}`;
        const domains = createDomainResolver({ accountId: ACCOUNT, csdsDomain, http, logger: false });
        const session = await login({ accountId: ACCOUNT, credentials: PASSWORD, domains, http, logger: false });
        expect(session.bearer).toBe('bearer-0001');
        expect(new Set(proxy.targets)).toEqual(new Set([platform.host]));
        expect(proxy.plain).toEqual([]);
        expect(platform.connections()).toBe(proxy.targets.length);
      });
    }
  }

  it('with an empty password, or without one, goes what stands in front of the host, such as a token', async () => {
    await using platform = await startPlatform();
    await using proxy = await startConnectProxy('token:');
    for (const url of [proxy.url, proxy.url.replace(':@', '@')]) {
      await using http = createHttpClient({ proxy: url, logger: false });
      expect((await http.request({ method: 'GET', origin: platform.origin, path: '/x' })).status).toBe(404);
    }
  });

  it('a password that is missing is told as the proxy asking for one, and may be tried again', async () => {
    await using proxy = await startConnectProxy('user:secret');
    await using http = createHttpClient({ proxy: proxy.url.replace(/\/\/.*@/, '//'), logger: false });
    const error = await rejection(http.request({ method: 'GET', origin: 'https://va.example', path: '/' }));
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.message).toMatch(
      /^cannot reach va\.example through the proxy 127\.0\.0\.1:\d+: the proxy wants credentials \(407\): give them in the proxy option/,
    );
    expect(error.retryable).toBe(true);
  });

  it('another refusal, and a proxy that is not there, are told as the proxy’s', async () => {
    const proxy = await startConnectProxy();
    await using http = createHttpClient({ proxy: proxy.url, logger: false });
    const ask = () => rejection(http.request({ method: 'GET', origin: 'https://va.example', path: '/' }));
    proxy.refuseWith(403);
    expect((await ask()).message).toContain('the proxy refused the way to it (403)');
    await proxy[Symbol.asyncDispose]();
    expect((await ask()).message).toMatch(/through the proxy 127\.0\.0\.1:\d+: nothing responds there/);
  });

  it.each([
    [undefined, 'its certificate was not accepted (SELF_SIGNED_CERT_IN_CHAIN); give its authority in tls.ca'],
    [{ dns: 'other.example' }, 'its certificate is for another name; check the host'],
  ])('whose own certificate is not trusted is named, and not the host behind it: %j', async (name, why) => {
    const certificate = await makeCertificate(name);
    await using proxy = await startConnectProxy(undefined, certificate);
    await using http = createHttpClient({
      proxy: proxy.url,
      logger: false,
      ...(name && { tls: { ca: certificate.ca } }),
    });
    const error = await rejection(http.request({ method: 'GET', origin: 'https://va.example', path: '/' }));
    expect(error).toBeInstanceOf(NotConnectedError);
    expect(error.message).toContain(`cannot trust the proxy ${new URL(proxy.url).host}, the way to va.example: ${why}`);
    expect(proxy.targets).toEqual([]);
  });

  it("named by the environment goes what NO_PROXY does not except, with proxy: 'env'", async () => {
    await using platform = await startPlatform();
    await using proxy = await startConnectProxy();
    process.env['http_proxy'] = proxy.url;
    process.env['no_proxy'] = '';
    await using http = createHttpClient({ proxy: 'env', logger: false });
    const ask = () => http.request({ method: 'GET', origin: platform.origin, path: '/x' });
    await ask();
    expect(proxy.targets).toHaveLength(1);
    process.env['no_proxy'] = '127.0.0.1';
    await ask();
    expect(proxy.targets).toHaveLength(1);
    expect(platform.connections()).toBe(2);
  });

  describe("chosen by the environment, with proxy: 'env'", () => {
    const PROXY = 'http://proxy.example:3128';
    const host = 'https://va.msg.example';
    const routes = (variables: Record<string, string>, url = host) => {
      for (const name of VARIABLES) delete process.env[name];
      Object.assign(process.env, variables);
      return parseProxy('env').proxyFor(url)?.href;
    };
    it.each([
      ['a proxy without a scheme, which is spoken to in clear', { HTTPS_PROXY: 'proxy.example:3128' }, `${PROXY}/`],
      [
        'a proxy with a password and without a scheme',
        { https_proxy: 'u:p@proxy.example:3128' },
        'http://u:p@proxy.example:3128/',
      ],
      [
        'a proxy that is spoken to in TLS',
        { HTTPS_PROXY: 'https://proxy.example:3128' },
        'https://proxy.example:3128/',
      ],
      ['a proxy for http alone', { HTTP_PROXY: PROXY }, undefined],
      ['none, by an empty variable', { https_proxy: '' }, undefined],
      ['none, by an empty variable beside one for everything', { HTTPS_PROXY: '', ALL_PROXY: PROXY }, undefined],
      ['one for everything', { ALL_PROXY: PROXY }, `${PROXY}/`],
      ['the domain above', { HTTPS_PROXY: PROXY, NO_PROXY: 'msg.example' }, undefined],
      ['the domain above with a dot or a star', { HTTPS_PROXY: PROXY, NO_PROXY: '*.other, .example' }, undefined],
      ['several, with spaces', { HTTPS_PROXY: PROXY, NO_PROXY: 'localhost, VA.msg.example' }, undefined],
      ['a whole name, with the dot that ends it', { HTTPS_PROXY: PROXY, NO_PROXY: 'msg.example.' }, undefined],
      ['everything', { HTTPS_PROXY: PROXY, NO_PROXY: '*' }, undefined],
      ['its port', { HTTPS_PROXY: PROXY, NO_PROXY: 'msg.example:443' }, undefined],
      ['another port', { HTTPS_PROXY: PROXY, NO_PROXY: 'msg.example:8443' }, `${PROXY}/`],
      ['a name that only ends the same', { HTTPS_PROXY: PROXY, NO_PROXY: 'sg.example' }, `${PROXY}/`],
    ])('%s', (_what, variables, expected) => {
      expect(routes(variables)).toBe(expected);
      expect(routes(variables, host.replace('https', 'wss'))).toBe(expected);
    });
  });

  it.each([
    ['::1', 'https://[::1]/', undefined],
    ['[::1]', 'https://[::1]/', undefined],
    ['[::1]:8443', 'https://[::1]:8443/', undefined],
    ['[::1]:8443', 'https://[::1]/', 'http://proxy.example:3128/'],
    ['fd00::5', 'https://[fd00::5]:8443/', undefined],
    ['::1', 'https://[fd00::1]/', 'http://proxy.example:3128/'],
  ])('of the environment is not for the address %s in NO_PROXY: %s', (exception, url, expected) => {
    process.env['no_proxy'] = exception;
    process.env['https_proxy'] = 'http://proxy.example:3128';
    expect(parseProxy('env')?.proxyFor(url)?.href).toBe(expected);
  });

  it('is a ConfigError when it is no URL of one, and nothing of it is quoted', () => {
    for (const proxy of [
      '',
      'proxy:3128',
      'socks5://user:hunter2@host:1',
      'http://host/path',
      'http://host?x=hunter2',
    ]) {
      expect(() => parseProxy(proxy)).toThrow(ConfigError);
      expect(() => parseProxy(proxy)).not.toThrow(/hunter2/);
    }
  });

  it('is a ConfigError with a literal % in its user or password, and says how to write it', () => {
    for (const login of ['user:50%off', 'us%er:hunter2', 'user:%E9hunter2', '%zz@']) {
      expect(() => parseProxy(`http://${login}@host:1`)).toThrow(ConfigError);
      expect(() => parseProxy(`http://${login}@host:1`)).toThrow(/write it as %25$/);
    }
    process.env['https_proxy'] = 'http://user:50%off@host:1';
    process.env['no_proxy'] = '';
    expect(() => parseProxy('env').proxyFor('https://va.example')).toThrow(/^the proxy variable has a %/);
    expect(parseProxy('http://user:50%25off@host:1').proxyFor('https://va.example')?.host).toBe('host:1');
  });
});
