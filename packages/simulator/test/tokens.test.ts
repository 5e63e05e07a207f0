import { createPublicKey, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock, type ManualClock } from '@lp/core';
import { type Simulator, startSimulator } from '@lp/simulator';
import { connectAgent, consumerUrl, open, refusedWith } from './support/raw-client.ts';
import { appToken, call, claimsOf, connectorHeaders, errorOf } from './support/rest.ts';

let simulator: Simulator;
let clock: ManualClock;
beforeEach(async () => {
  clock = createManualClock();
  simulator = await startSimulator({
    clock,
    apps: [
      { clientId: 'app-1', clientSecret: 'secret-1' },
      { clientId: 'app-2', clientSecret: 'secret-2', scope: 'other.scope' },
    ],
  });
});
afterEach(() => simulator.close());

const account = () => `${simulator.url}/api/account/${simulator.accountId}`;
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const brandToken = (claims: object) => `${encode({ alg: 'RS256' })}.${encode(claims)}.c2lnbmF0dXJl`;

describe('the token of a server application', () => {
  const tokenUrl = (path: string, query = '') => `${simulator.url}/sentinel/api${path}/app/token${query}`;
  const form = (fields: Record<string, string>) => ({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });
  const credentials = { grant_type: 'client_credentials', client_id: 'app-1', client_secret: 'secret-1' };

  it.each(['/account/ACCOUNT', '/v2/account/ACCOUNT'])('is given at %s, for a form or a query', async (path) => {
    const at = path.replace('ACCOUNT', simulator.accountId);
    const expected = {
      status: 200,
      body: { access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/), token_type: 'Bearer' },
    };
    expect(await call('POST', tokenUrl(at), form(credentials))).toMatchObject(expected);
    expect(await call('POST', tokenUrl(at, `?${new URLSearchParams(credentials).toString()}`))).toMatchObject(expected);
  });

  it('says for which account, whom and how long it is', async () => {
    const { body } = await call(
      'POST',
      tokenUrl(`/account/${simulator.accountId}`),
      form({ ...credentials, client_id: 'app-2', client_secret: 'secret-2' }),
    );
    const claims = claimsOf((body as { access_token: string }).access_token);
    const now = Math.floor(clock.now() / 1_000);
    expect(claims).toEqual({
      aud: simulator.accountId,
      azp: 'app-2',
      scope: 'other.scope',
      iss: 'Sentinel',
      iat: now,
      exp: now + 3_600,
    });
  });

  // verifies: rest:app-tokens
  it('can be checked by everybody with the public keys, which name no account', async () => {
    const token = await appToken(simulator);
    const { body, status } = await call('GET', `${simulator.url}/sentinel/well-known/jwks`);
    expect(status).toBe(200);
    const { keys } = body as { keys: Record<string, string>[] };
    expect(keys).toEqual([
      {
        kty: 'EC',
        crv: 'P-256',
        x: expect.any(String),
        y: expect.any(String),
        kid: 'lp-simulator',
        use: 'sig',
        alg: 'ES256',
      },
    ]);
    const [head = '', claims, signature = ''] = token.split('.');
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toMatchObject({
      kid: keys[0]?.['kid'],
      alg: 'ES256',
    });
    const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' });
    const signed = Buffer.from(`${head}.${claims}`);
    const held = (bytes: Buffer) =>
      verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
    expect(held(signed)).toBe(true);
    expect(held(Buffer.from(`${head}.x`))).toBe(false);
  });

  it.each<[string, object, number]>([
    ['another kind of grant', { grant_type: 'password' }, 400],
    ['no kind of grant', { grant_type: '' }, 400],
    ['an unknown app', { client_id: 'app-3' }, 401],
    ['another app’s secret', { client_secret: 'secret-2' }, 401],
    ['no secret', { client_secret: '' }, 401],
  ])('is refused for %s', async (_, wrong, status) => {
    const response = await call(
      'POST',
      tokenUrl(`/account/${simulator.accountId}`),
      form({ ...credentials, ...wrong }),
    );
    expect(response).toMatchObject(errorOf(status));
  });

  it('is no key to an agent’s or a consumer’s socket', async () => {
    const token = await appToken(simulator);
    const brand = consumerUrl(simulator).replace('consumer?v=3', `brand/${token}?v=2.1`);
    expect(await refusedWith(brand)).toBe(401);
    expect(await refusedWith(consumerUrl(simulator), { authorization: `jwt ${token}` })).toBe(401);
  });
});

describe('the token of a connector’s consumer', () => {
  it('is made for an application, and is a consumer’s own token', async () => {
    const { 'x-lp-on-behalf': token } = await connectorHeaders(simulator, 'ada-4711');
    expect(claimsOf(token)).toMatchObject({ aud: `acc:${simulator.accountId}`, iss: 'https://idp.liveperson.net' });
    const consumer = await open(consumerUrl(simulator), { authorization: `jwt ${token}` });
    expect(await consumer.request('cm.ConsumerRequestConversation')).toMatchObject({ code: 200 });
  });

  it('is created: 201', async () => {
    const authorization = await appToken(simulator);
    const response = await call('POST', `${account()}/consumer?v=1.0`, {
      headers: { authorization },
      body: { ext_consumer_id: 'a' },
    });
    expect(response).toMatchObject({ status: 201, body: { token: expect.any(String) } });
  });

  it('is refused without the application, without an id, and for an id that is not a text', async () => {
    const authorization = await appToken(simulator);
    const body = { ext_consumer_id: 'a' };
    expect(await call('POST', `${account()}/consumer?v=1.0`, { body })).toMatchObject(errorOf(401));
    expect(
      await call('POST', `${account()}/consumer?v=1.0`, { headers: { authorization: 'Bearer x' }, body }),
    ).toMatchObject(errorOf(401));
    for (const wrong of [{}, { ext_consumer_id: '' }, { ext_consumer_id: 7 }]) {
      expect(
        await call('POST', `${account()}/consumer?v=1.0`, { headers: { authorization }, body: wrong }),
      ).toMatchObject(errorOf(400));
    }
  });
});

describe('the token of a consumer', () => {
  const authenticate = (body: object, path = '/app/default/authenticate?v=3.0') =>
    call('POST', `${account()}${path}`, { body });
  const subjectOf = (body: unknown) => claimsOf((body as { token: string }).token)['sub'];

  // verifies: rest:consumer-tokens
  it('is given to a script tag by a call of its function', async () => {
    const { status, body, headers } = await call('GET', `${account()}/signup.jsonp?callback=lp.signedUp`);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/javascript');
    expect(body).toMatch(/^lp\.signedUp\(\{"jwt":"[\w.-]+"\}\);$/);
    expect(await call('GET', `${account()}/signup.jsonp?callback=alert(1)`)).toMatchObject(errorOf(400));
    expect(await call('GET', `${account()}/signup.jsonp`)).toMatchObject(errorOf(400));
  });

  // verifies: quirk:signup
  it('names the function cb for older clients, by a quirk', async () => {
    await using older = await startSimulator({ quirks: { signupCallback: 'cb' } });
    const { body } = await call('GET', `${older.url}/api/account/${older.accountId}/signup.jsonp?cb=f`);
    expect(body).toMatch(/^f\(/);
  });

  // verifies: rest:consumer-tokens
  it('is the same consumer’s for every token of the brand that names the same subject', async () => {
    const first = await authenticate({ id_token: brandToken({ sub: 'ada', iss: 'https://brand', iat: 1 }) });
    const second = await authenticate({ id_token: brandToken({ sub: 'ada', iss: 'https://brand', iat: 2 }) });
    const other = await authenticate({ id_token: brandToken({ sub: 'bob', iss: 'https://brand', iat: 1 }) });
    expect(subjectOf(second.body)).toBe(subjectOf(first.body));
    expect(subjectOf(other.body)).not.toBe(subjectOf(first.body));
    expect(claimsOf((first.body as { token: string }).token)).toMatchObject({ 'lp.ext': { iss: 'https://brand' } });
  });

  it('takes over what the brand’s token tells of the consumer', async () => {
    const sdes = [{ type: 'ctmrinfo', info: { customerId: '4711' } }];
    const { body } = await authenticate({ id_token: brandToken({ sub: 'ada', iss: 'https://brand', lp_sdes: sdes }) });
    const agent = await connectAgent(simulator);
    const profile = await agent.request('.ams.userprofile.GetUserProfile', { userId: subjectOf(body) });
    expect(profile.body).toMatchObject({ claims: { iss: 'https://brand', lp_sdes: sdes } });
  });

  // verifies: rest:consumer-tokens
  it('steps up from an unknown consumer to a known one', async () => {
    const { body: anonymous } = await call('POST', `${account()}/anonymous/authorize`, { body: {} });
    const before = (anonymous as { token: string }).token;
    const { body, status } = await authenticate({ lp_jwt: before, code: 'ada' });
    expect(status).toBe(200);
    expect(subjectOf(body)).toMatch(/^[0-9a-f]{64}$/);
    expect(subjectOf(body)).not.toBe(claimsOf(before)['sub']);
    const direct = await authenticate(
      { code: 'ada', redirect_uri: 'https://example.com' },
      '/app/default/authenticate?v=2',
    );
    expect(subjectOf(direct.body)).toBe(subjectOf(body));
  });

  it.each<[string, object, number]>([
    ['a forged token to step up from', { lp_jwt: 'a.b.c', code: 'ada' }, 401],
    ['a token to step up from that is not a text', { lp_jwt: {}, code: 'ada' }, 401],
    ['nobody’s name', {}, 400],
    ['an empty name', { code: '' }, 400],
    ['a name that is not a text', { id_token: 7 }, 400],
  ])('is refused for %s', async (_, body, status) => {
    expect(await authenticate(body)).toMatchObject(errorOf(status));
  });

  // verifies: quirk:unauthenticated
  it('is only for known consumers where unauthenticated messaging is off', async () => {
    await using closed = await startSimulator({ quirks: { unauthenticatedMessaging: false } });
    const base = `${closed.url}/api/account/${closed.accountId}`;
    expect(await call('POST', `${base}/anonymous/authorize`, { body: {} })).toMatchObject(errorOf(428));
    expect(await call('POST', `${base}/signup`)).toMatchObject(errorOf(428));
    expect(await call('GET', `${base}/signup.jsonp?callback=f`)).toMatchObject(errorOf(428));
    expect(await call('POST', `${base}/authenticate`, { body: { authCode: 'ada' } })).toMatchObject({
      status: 200,
      body: { jwt: expect.any(String) },
    });
  });
});
