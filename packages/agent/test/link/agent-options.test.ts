import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '@lp/core';
import { resolveOptions } from '../../src/link/agent-options.ts';

const given = { accountId: 'a', credentials: { username: 'u', password: 'secret-word' } };
const resolve = (options: object) => resolveOptions({ ...given, ...options } as never);

describe('the options of an agent', () => {
  it('have the defaults that are promised', () => {
    expect(resolve({})).toMatchObject({
      csds: { host: 'adminlogin.liveperson.net', insecure: false },
      wsDomainType: 'facadeMsg',
      apiVersion: '2.1',
      firstConnect: 'fail',
    });
  });

  it('use plain http for a bare loopback host, and only without an authority of its own', () => {
    expect(resolve({ csdsDomain: '127.0.0.1:80' }).csds).toEqual({ host: '127.0.0.1:80', insecure: true });
    expect(resolve({ csdsDomain: 'localhost:80', tls: { ca: 'PEM' } }).csds.insecure).toBe(false);
    expect(resolve({ csdsDomain: 'http://127.0.0.1:80' }).csds).toEqual({ host: '127.0.0.1:80', insecure: true });
    expect(resolve({ csdsDomain: '127.0.0.1:80', insecure: false }).csds.insecure).toBe(false);
  });

  it.each([
    [{ accountId: 7 }, /option accountId must be string/],
    [{ credentials: undefined }, /option credentials must be an object/],
    [{ apiVersion: 'two' }, /option apiVersion/],
    [{ requestTimeoutMs: 0 }, /option requestTimeoutMs must be more than 0/],
    [{ refreshSessionIntervalMs: true }, /option refreshSessionIntervalMs/],
    [{ reconnect: 'often' }, /option reconnect/],
    [{ firstConnect: 'maybe' }, /option firstConnect must be "fail" \| "retry"/],
    [{ signal: {} }, /option signal must be an AbortSignal/],
    [{ logger: { debug() {} } }, /option logger must be an object with the methods/],
    [{ cursors: { get() {} } }, /option cursors must be an object with the methods get and set/],
    [{ interceptors: ['log'] }, /option interceptors\.0 must be a function/],
    [{ refillConcurrency: 0.5 }, /option refillConcurrency/],
    [{ domains: { agentVep: 1 } }, /option domains\.agentVep must be string/],
    [{ acountId: 'a' }, /connectAgent\.acountId is not an option; did you mean accountId\?/],
    [{ insecure: true }, /loopback/],
    [{ csdsDomain: 'http://example.com' }, /loopback/],
  ])('refuse %j with a sentence that says what is allowed', (options, reason) => {
    expect(() => resolve(options)).toThrow(ConfigError);
    expect(() => resolve(options)).toThrow(reason);
    expect(() => resolve(options)).not.toThrow(/secret-word/);
  });
});
