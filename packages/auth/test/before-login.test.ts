import { describe, expect, it } from '@jest/globals';
import { type BeforeLoginContext, createSessionManager } from '@lp/auth';
import { ConfigError, FencedError, InvalidCredentialsError } from '@lp/core';
import { PASSWORD, startClient } from './support/client.ts';
import { isPending, rejection, thrown } from './support/errors.ts';
import { ACCOUNT } from './support/platform.ts';

describe('beforeLogin', () => {
  it('is awaited before every login, and told whether it is the first', async () => {
    const told: BeforeLoginContext['reason'][] = [];
    let open: () => void = () => undefined;
    const beforeLogin = async ({ reason }: BeforeLoginContext) => {
      told.push(reason);
      await new Promise<void>((resolve) => (open = resolve));
    };
    await using client = await startClient({ beforeLogin, renewSpacingMs: 0 });
    const first = client.manager.session();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await isPending(first)).toBe(true);
    expect(client.platform.count('/login')).toBe(0);
    open();
    await first;
    const renewal = client.manager.renew('test');
    await new Promise((resolve) => setImmediate(resolve));
    open();
    await renewal;
    expect(told).toEqual(['first', 'renewal']);
    expect(client.platform.count('/login')).toBe(2);
  });

  it('ends a login with the error it rejects with, and is asked again at the next', async () => {
    let calls = 0;
    const fenced = new FencedError('this process has lost the login to another');
    const own = new TypeError('the limiter is away');
    const beforeLogin = () => Promise.reject(++calls === 1 ? fenced : own);
    await using client = await startClient({ beforeLogin, renewSpacingMs: 0 });
    expect(await rejection(client.manager.session())).toBe(fenced);
    expect(await rejection(client.manager.session())).toBe(own);
    expect(client.platform.count('/login')).toBe(0);
    expect(client.manager.status().state).toBe('idle');
  });

  it('is not remembered, whatever it rejects with', async () => {
    const errors: Error[] = [new InvalidCredentialsError('not with this lease')];
    const beforeLogin = async () => {
      const error = errors.pop();
      if (error) throw error;
    };
    await using client = await startClient({ beforeLogin, renewSpacingMs: 0 });
    await rejection(client.manager.session());
    expect((await client.manager.session()).bearer).toBe('bearer-0001');
  });

  it('is shared by all who wait for the same login', async () => {
    let calls = 0;
    await using client = await startClient({ beforeLogin: async () => void calls++ });
    await Promise.all(Array.from({ length: 20 }, () => client.manager.session()));
    expect(calls).toBe(1);
  });

  it('is not waited for after an abort, nor after the end of the manager', async () => {
    const signals: AbortSignal[] = [];
    const beforeLogin = ({ signal }: BeforeLoginContext) => {
      signals.push(signal);
      return new Promise<void>(() => undefined);
    };
    await using client = await startClient({ beforeLogin, renewSpacingMs: 0 });
    const controller = new AbortController();
    const gone = rejection(client.manager.session({ signal: controller.signal }));
    await new Promise((resolve) => setImmediate(resolve));
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await gone).toBe(reason);
    const ended = rejection(client.manager.session());
    await new Promise((resolve) => setImmediate(resolve));
    await client.manager.close();
    expect(await ended).toMatchObject({ code: 'CLOSED' });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(client.platform.count('/login')).toBe(0);
  });

  // verifies: session:hung
  it('is given up after a minute, so that it is asked again', async () => {
    const signals: AbortSignal[] = [];
    const beforeLogin = ({ signal }: BeforeLoginContext) => {
      signals.push(signal);
      return signals.length === 2 ? new Promise<void>(() => undefined) : Promise.resolve();
    };
    await using client = await startClient({ beforeLogin, renewSpacingMs: 0 });
    await client.manager.session();
    const hangs = rejection(client.manager.renew('test'));
    await new Promise((resolve) => setImmediate(resolve));
    await client.clock.advance(59_999);
    expect(await isPending(hangs)).toBe(true);
    await client.clock.advance(1);
    expect(await hangs).toMatchObject({ code: 'AUTH_FAILED', retryable: true });
    expect((await hangs).message).toContain('beforeLogin took longer than 60 s');
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
    await client.manager.renew('test');
    expect(client.platform.count('/login')).toBe(2);
  });

  it('leaves the spacing of logins as it is, counted from the login itself', async () => {
    await using client = await startClient({ beforeLogin: () => client.clock.advance(3_000) });
    await client.manager.session();
    expect(client.manager.status().nextLoginAt).toBe(client.clock.now() + 5_000);
  });

  it('is not called for a session of your own, which makes no login', async () => {
    let calls = 0;
    const credentials = { token: 'own', csrf: 'c', sessionId: 's' };
    await using client = await startClient({ credentials, beforeLogin: async () => void calls++ });
    expect((await client.manager.session()).bearer).toBe('own');
    expect(calls).toBe(0);
  });

  it('must be a function', async () => {
    await using client = await startClient();
    const { domains, http } = client;
    const beforeLogin = 'yes' as unknown as () => Promise<void>;
    const options = { accountId: ACCOUNT, credentials: PASSWORD, domains, http, beforeLogin };
    expect(thrown(() => createSessionManager(options))).toBeInstanceOf(ConfigError);
  });
});
