import { expect, it } from '@jest/globals';
import type { ProviderContext, Session } from '@lp/auth';
import { InvalidCredentialsError } from '@lp/core';
import { startClient, type TestClient } from './support/client.ts';
import { rejection } from './support/errors.ts';
import { ACCOUNT } from './support/platform.ts';

/** The provider of docs/authentication.md, with its store in memory; the authorization server changes the token at each use. */
async function start(): Promise<TestClient & { kept: string[] }> {
  const kept = ['refresh-0'];
  const holder: { client?: TestClient } = {};
  async function provider({ domains, signal }: ProviderContext): Promise<Session> {
    const http = holder.client?.http;
    if (!http) throw new Error('not started');
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: kept.at(-1) ?? '' });
    const response = await http.request({
      method: 'POST',
      origin: await domains.origin('sentinel', { signal }),
      path: '/token',
      body: { raw: Buffer.from(form.toString()), contentType: 'application/x-www-form-urlencoded' },
      idempotent: false,
      signal,
    });
    if ([400, 401].includes(response.status)) throw new InvalidCredentialsError('log in by hand again');
    if (response.status !== 200) throw new Error(`the authorization server responded with ${response.status}`);
    const tokens = response.json() as { access_token: string; refresh_token: string; expires_in: number };
    kept.push(tokens.refresh_token);
    return {
      bearer: tokens.access_token,
      userId: '7',
      expiresAt: (holder.client?.clock.now() ?? 0) + tokens.expires_in * 1_000,
    };
  }
  const client = await startClient({ credentials: { provider } });
  holder.client = client;
  client.platform.on('/service/baseURI.json', () => ({
    body: { baseURIs: [{ service: 'sentinel', account: ACCOUNT, baseURI: client.platform.host }] },
  }));
  let uses = 0;
  client.platform.on('/token', ({ body }) =>
    new URLSearchParams(body).get('refresh_token') === `refresh-${uses}`
      ? { body: { access_token: `access-${++uses}`, refresh_token: `refresh-${uses}`, expires_in: 3600 } }
      : { status: 400, body: { error: 'invalid_grant' } },
  );
  return Object.assign(client, { kept });
}

it('is used once for all callers, and each response brings the next one', async () => {
  await using client = await start();
  await Promise.all(Array.from({ length: 50 }, () => client.manager.session()));
  expect((await client.manager.session()).bearer).toBe('access-1');
  const renewed = client.next('sessionRenewed');
  await client.clock.advance(3_600_000 - 60_000);
  await renewed;
  expect((await client.manager.session()).bearer).toBe('access-2');
  expect(client.kept).toEqual(['refresh-0', 'refresh-1', 'refresh-2']);
  expect(client.platform.count('/token')).toBe(2);
});

it('is asked for by hand again, and not tried again, when the server no longer takes it', async () => {
  await using client = await start();
  client.kept.push('stolen');
  expect(await rejection(client.manager.session())).toBeInstanceOf(InvalidCredentialsError);
  expect(await rejection(client.manager.session())).toBeInstanceOf(InvalidCredentialsError);
  expect(client.platform.count('/token')).toBe(1);
});

it('is not given up when the server is away for a while', async () => {
  await using client = await start();
  await client.manager.session();
  const { platform } = client;
  let down = true;
  platform.on('/token', () =>
    down ? { status: 503 } : { body: { access_token: 'later', refresh_token: 'r', expires_in: 3600 } },
  );
  const failed = client.next('sessionFailed');
  await client.clock.advance(3_600_000 - 60_000);
  await failed;
  down = false;
  const renewed = client.next('sessionRenewed');
  await client.settled();
  await client.clock.advance(5_000);
  await renewed;
  expect((await client.manager.session()).bearer).toBe('later');
});
