import { createServer, type Server } from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { errors, names, next, outcome } from './support/fixture.ts';
import { type RawFixture, startRawFixture } from './support/raw-fixture.ts';

let fixture: RawFixture;
beforeEach(async () => {
  fixture = await startRawFixture();
});
afterEach(() => fixture.end());

describe('what the old SDK took', () => {
  it.each([
    ['durations as text, as from the environment', { requestTimeout: '5000', refreshSessionInterval: '600000' }],
    ['durations that are none', { requestTimeout: 'soon', refreshSessionInterval: 0, errorCheckInterval: 'x' }],
    ['a time-out without an end', { requestTimeout: Infinity }],
    ['numbers for texts', { accountId: 4711, username: 1, password: 2, apiVersion: '2.1' }],
    ['no hosts of its own', { domains: null }],
    ['a host that is not set', { domains: { facadeMsg: undefined, agentVep: '' } }],
    [
      'nothing, in every way',
      { agent: null, apiVersion: null, wsDomainType: null, requestTimeout: null, recover: null },
    ],
    ['an agent for a proxy that there is not', { agent: false }],
    ['an option of its own of a name that is new', { reconnect: 'true' }],
    ['the same, set to nothing', { reconnect: null }],
    ['a service that is no host', { wsDomainType: 'toString' }],
  ])('is taken: %s', async (_, changes) => {
    const agent = await fixture.connected(changes);
    expect(names(agent)).toEqual(['connected']);
  });

  it('is taken: a host to look up at with a slash behind it', async () => {
    const agent = await fixture.connected({ csdsDomain: ` ${fixture.platform.csdsDomain}/` });
    expect(names(agent)).toEqual(['connected']);
  });
});

describe('a package that puts its own function in the place of https.request', () => {
  const { request } = https;
  afterEach(() => {
    https.request = request;
  });

  it('which knows options and a callback alone, as agent-base 4 does, stands in nobody’s way', async () => {
    const calls: object[] = [];
    https.request = ((options: https.RequestOptions, callback?: () => void) => {
      calls.push(options);
      return request({ ...options, port: options.port ?? 443 }, callback);
    }) as typeof request;
    const agent = await fixture.connected();
    expect([calls.length, errors(agent)]).toEqual([3, []]);
  });
});

describe('a proxy', () => {
  let proxy: Server;
  let address: string;
  /** What it was asked to lead to. */
  let led: (string | undefined)[];
  /** What it refuses the next connections with. */
  let refusals: string[];
  const VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]);
  const before = VARIABLES.map((name) => [name, process.env[name]] as const);

  beforeEach(async () => {
    led = [];
    refusals = [];
    for (const name of VARIABLES) delete process.env[name];
    proxy = createServer().on('connect', (request, client: Socket) => {
      led.push(request.url);
      client.on('error', () => undefined);
      const refusal = refusals.shift();
      if (refusal !== undefined) {
        client.end(`HTTP/1.1 ${refusal}\r\n\r\n`);
        return;
      }
      const [host, port] = (request.url ?? '').split(':');
      const server = connect(Number(port), host, () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
      server.on('error', () => client.destroy()).pipe(client);
      client.on('error', () => server.destroy()).pipe(server);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    proxy.close();
  });

  const here = (text: string) => text.replace('PROXY', address).replace('HOST', fixture.platform.csdsDomain);
  const dead = 'http://127.0.0.1:1';

  it.each<Record<string, string>>([
    { HTTPS_PROXY: 'PROXY' },
    { https_proxy: 'PROXY' },
    { HTTP_PROXY: 'PROXY' },
    { http_proxy: 'PROXY' },
    { HTTPS_PROXY: 'PROXY', https_proxy: dead, HTTP_PROXY: dead },
    { HTTPS_PROXY: '', https_proxy: 'PROXY', HTTP_PROXY: dead },
    { HTTPS_PROXY: 'PROXY', NO_PROXY: 'example.com, localhost:1, host,', ALL_PROXY: dead },
  ])('of the environment leads look-ups and logins, as ever: %j', async (variables) => {
    for (const [name, value] of Object.entries(variables)) process.env[name] = here(value);
    const agent = await fixture.connected();
    agent.dispose();
    expect(new Set(led)).toEqual(new Set([fixture.platform.csdsDomain]));
  });

  it.each<Record<string, string>>([
    { ALL_PROXY: 'socks5://127.0.0.1:1' },
    { all_proxy: 'PROXY' },
    { HTTPS_PROXY: dead, NO_PROXY: '*' },
    { HTTPS_PROXY: dead, NO_PROXY: 'Example.com, .Localhost' },
    { HTTP_PROXY: dead, no_proxy: 'HOST' },
  ])('of the environment leads nothing where it led nothing: %j', async (variables) => {
    for (const [name, value] of Object.entries(variables)) process.env[name] = here(value);
    const agent = await fixture.connected();
    expect([led, errors(agent)]).toEqual([[], []]);
  });

  it('of the program’s own agent leads the socket and nothing else, now and at each later dial', async () => {
    const agent = await fixture.connected({ agent: new HttpsProxyAgent(address) });
    expect(led).toEqual([fixture.platform.csdsDomain]);
    expect(await outcome((done) => agent.getClock({}, done))).toEqual([null, 'done']);
    fixture.platform.sockets.forEach((socket) => socket.terminate());
    await next(agent, 'connected');
    expect(led).toEqual([fixture.platform.csdsDomain, fixture.platform.csdsDomain]);
    expect(errors(agent)).toEqual([]);
  });

  it('that refuses is an error, and is asked again', async () => {
    refusals.push('503 Busy', '407 Proxy Authentication Required');
    const agent = await fixture.connected({ agent: new HttpsProxyAgent(address) });
    expect(errors(agent)).toMatchObject([
      { message: expect.stringMatching(/^Error on WS connection: /), code: 503, service: 'messaging' },
      { message: expect.stringMatching(/^Error on WS connection: /), code: 407, service: 'messaging' },
    ]);
    expect(led).toHaveLength(3);
  });
});
