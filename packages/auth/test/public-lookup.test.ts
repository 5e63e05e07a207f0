import { createServer } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { createHttpClient, publicHosts } from '@lp/auth';
import { publicLookup } from '../src/public-lookup.ts';
import { rejection } from './support/errors.ts';

/** A name server of which every name leads to these addresses. */
const leadsTo =
  (...addresses: string[]): LookupFunction =>
  (_hostname, options, callback) => {
    const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all === true) callback(null, all);
    else callback(null, all[0]?.address ?? '', all[0]?.family ?? 4);
  };

const resolveBy = (lookup: LookupFunction, all: boolean) =>
  new Promise((resolve, reject) =>
    lookup('api.example', { all }, (error, address) => (error ? reject(error) : resolve(address))),
  );

describe('a public name', () => {
  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '::1',
    '::',
    'fe80::1%eth0',
    'fd00::1',
    '::ffff:169.254.169.254',
  ])('that leads to %s is refused, also when it leads elsewhere too', async (address) => {
    for (const all of [true, false]) {
      const only = publicLookup({ resolve: leadsTo(address) });
      await expect(resolveBy(only, all)).rejects.toMatchObject({ code: 'PRIVATE_ADDRESS' });
    }
    const both = publicLookup({ resolve: leadsTo('93.184.216.34', address) });
    await expect(resolveBy(both, true)).rejects.toMatchObject({ code: 'PRIVATE_ADDRESS' });
  });

  it('that leads to public addresses is looked up as ever, and a failure is passed on', async () => {
    const lookup = publicLookup({ resolve: leadsTo('93.184.216.34', '2606:2800:220:1::1') });
    expect(await resolveBy(lookup, false)).toBe('93.184.216.34');
    expect(await resolveBy(lookup, true)).toHaveLength(2);
    const failing = publicLookup({
      resolve: (_hostname, _options, callback) => callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), ''),
    });
    await expect(resolveBy(failing, true)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});

describe('which hosts have to be public', () => {
  it.each([
    [
      { csdsHost: 'adminlogin.liveperson.net', domains: { agentVep: 'own.example' } },
      ['adminlogin.liveperson.net', 'own.example'],
    ],
    [{ csdsHost: 'adminlogin.liveperson.net', privateHosts: true }, undefined],
    [{ csdsHost: '10.0.0.1' }, undefined],
    [{ csdsHost: '127.0.0.1:8080', privateHosts: false }, ['127.0.0.1:8080']],
  ])('%j', (options, except) => {
    expect(publicHosts(options)?.except).toEqual(except);
  });
});

describe('an HTTP client that judges addresses', () => {
  // verifies: network:hosts
  it('sends nothing to a name that leads into a private network, and says what to set', async () => {
    const requests: string[] = [];
    const server = createServer((request, response) => {
      requests.push(request.url ?? '');
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const resolve = leadsTo('127.0.0.1');
    const ask = async (except: readonly string[]) => {
      await using http = createHttpClient({ publicHostsOnly: { except, resolve } });
      return await http.request({ method: 'GET', origin: `http://named.example:${port}`, path: '/login' });
    };
    const refused = await rejection(ask([]));
    expect(refused).toMatchObject({ code: 'NOT_CONNECTED', context: { code: 'PRIVATE_ADDRESS' } });
    expect(refused.message).toMatch(/named\.example.*private network.*set privateHosts/);
    expect(requests).toEqual([]);
    expect((await ask([`Named.example:${port}`])).status).toBe(200);
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
});
