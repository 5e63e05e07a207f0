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
    [{ accountId: 7 }, /connectAgent: accountId must be string/],
    [{ credentials: undefined }, /connectAgent: credentials must be an object/],
    [{ apiVersion: 'two' }, /connectAgent: apiVersion/],
    [{ requestTimeoutMs: 0 }, /connectAgent: requestTimeoutMs must be more than 0/],
    [{ refreshSessionIntervalMs: true }, /connectAgent: refreshSessionIntervalMs/],
    [{ reconnect: 'often' }, /connectAgent: reconnect/],
    [{ firstConnect: 'maybe' }, /connectAgent: firstConnect must be "fail" \| "retry"/],
    [{ signal: {} }, /connectAgent: signal must be an AbortSignal/],
    [{ logger: { debug() {} } }, /connectAgent: logger must be an object with the methods/],
    [{ cursors: { get() {} } }, /connectAgent: cursors must be an object with the methods get and set/],
    [{ clock: {} }, /connectAgent: clock must be an object with the methods now and setTimer/],
    [{ dispatcher: {} }, /connectAgent: dispatcher must be an object with the method request/],
    [{ wsAgent: {} }, /connectAgent: wsAgent must be an object with the method addRequest/],
    [{ store: {} }, /connectAgent: store must be an object with the methods load, save and delete/],
    [{ interceptors: ['log'] }, /connectAgent: interceptors\.0 must be a function/],
    [{ refillConcurrency: 0.5 }, /connectAgent: refillConcurrency/],
    [{ domains: { agentVep: 1 } }, /connectAgent: domains\.agentVep must be string/],
    [{ acountId: 'a' }, /connectAgent\.acountId is not an option; did you mean accountId\?/],
    [{ insecure: true }, /loopback/],
    [{ csdsDomain: 'http://example.com' }, /loopback/],
  ])('refuse %j with a sentence that says what is allowed', (options, reason) => {
    expect(() => resolve(options)).toThrow(ConfigError);
    expect(() => resolve(options)).toThrow(reason);
    expect(() => resolve(options)).not.toThrow(/secret-word/);
  });
});
