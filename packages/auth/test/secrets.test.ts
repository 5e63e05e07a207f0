import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Credentials,
  CredentialsSchema,
  createDomainResolver,
  createHttpClient,
  createRestClient,
  createSessionManager,
  credentialsFromEnv,
  login,
  type Session,
  signOAuth1,
} from '@lp/auth';
import { createManualClock, type Logger, LpError, RequestRejectedError } from '@lp/core';
import { makeCertificate, type ServerCertificate } from './support/certificates.ts';
import {
  ACCOUNT,
  loginBody,
  type Platform,
  type Route,
  type RouteResponse,
  type SeenRequest,
  startPlatform,
} from './support/platform.ts';

// Every secret of these tests holds this word, and nothing that may be shown does.
const MARKER = 'MARKER';

const WAYS: Record<string, Credentials> = {
  'user and password': { username: 'bot', password: `${MARKER}-password` },
  'API key': {
    username: 'bot',
    appKey: `${MARKER}-app-key`,
    secret: `${MARKER}-secret`,
    accessToken: `${MARKER}-access-token`,
    accessTokenSecret: `${MARKER}-access-token-secret`,
  },
  assertion: { assertion: `${MARKER}-assertion` },
  'own bearer': { token: `${MARKER}-token`, userId: '1' },
  provider: {
    provider: () =>
      Promise.resolve({
        bearer: `${MARKER}-given`,
        csrf: `${MARKER}-csrf`,
        cookies: `sid=${MARKER}-cookie`,
        userId: '1',
      }),
  },
};

const GOOD: RouteResponse = {
  body: loginBody({ bearer: `${MARKER}-bearer`, csrf: `${MARKER}-csrf`, sessionId: `${MARKER}-session` }),
  headers: { 'set-cookie': `Session_id=${MARKER}-cookie; Path=/` },
};

/** What a careless server quotes back: everything it was sent. */
function echo(status: number): Route {
  return (request: SeenRequest) => ({
    status,
    headers: { 'x-echo': MARKER, 'set-cookie': `leak=${MARKER}` },
    body: {
      error: {
        message: `${MARKER} ${request.body} ${JSON.stringify(request.headers)}`,
        internalCode: `${MARKER}-code`,
        responseStatus: `${MARKER} status`,
      },
    },
  });
}

const raw = (text: string, end: 'end' | 'destroy'): Route => {
  return () => (response) => {
    response.socket?.write(text);
    response.socket?.[end]();
  };
};

const FAILURES: Record<string, Route> = {
  'status 400': echo(400),
  'status 401': echo(401),
  'status 403': echo(403),
  'status 429': echo(429),
  'status 451': echo(451),
  'status 500': echo(500),
  'an error body with status 200': echo(200),
  'a redirect': () => ({ status: 302, headers: { location: `http://127.0.0.1:1/?t=${MARKER}` } }),
  'no JSON': () => ({ body: `<html>${MARKER}</html>` }),
  'JSON of another shape': () => ({ body: { bearer: [MARKER], config: { userId: { [MARKER]: MARKER } } } }),
  'a bearer that is not one': () => ({ body: loginBody({ bearer: `${MARKER} with blanks` }) }),
  'a response cut off': raw(`HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"bearer":"${MARKER}`, 'end'),
  'a header cut off': raw(`HTTP/1.1 200 OK\r\nSet-Cookie: a=${MARKER}`, 'destroy'),
  'no HTTP at all': raw(`${MARKER} ${MARKER}\r\n\r\n`, 'end'),
  'a header too large': raw(`HTTP/1.1 200 OK\r\nX: ${MARKER.repeat(9_000)}\r\n\r\n`, 'end'),
  'a response too large': () => ({ body: MARKER.repeat(2_000) }),
  'no response': () => () => undefined,
};

/** Collects all that could be seen from outside. */
class Witness {
  readonly seen: unknown[] = [];
  readonly errors: unknown[] = [];
  readonly logger: Logger;
  readonly #channels = ['lp:auth:http', 'lp:auth:session'];
  readonly #keep = (message: unknown) => void this.seen.push(message);

  constructor() {
    const keep = (...line: unknown[]) => void this.seen.push(line);
    this.logger = { debug: keep, info: keep, warn: keep, error: keep };
    for (const channel of this.#channels) subscribe(channel, this.#keep);
  }

  /** Keeps what a promise rejects with. */
  async attempt(promise: Promise<unknown>): Promise<void> {
    await promise.catch((error: unknown) => this.errors.push(error));
  }

  [Symbol.dispose](): void {
    for (const channel of this.#channels) unsubscribe(channel, this.#keep);
  }

  text(): string {
    return [...this.seen, ...this.errors].map((thing) => print(thing)).join('\n');
  }
}

function print(thing: unknown): string {
  const parts = [
    inspect(thing, { depth: 20, maxStringLength: null, maxArrayLength: null }),
    JSON.stringify(thing),
    String(thing),
  ];
  // The body of a rejected REST call is there for the caller, who asks for it by name; it is hidden, not secret.
  if (!RequestRejectedError.isInstance(thing)) parts.push(inspect(thing, { depth: 20, showHidden: true }));
  for (let error = thing; LpError.isInstance(error) || error instanceof Error; error = error.cause) {
    parts.push(error.message, error.stack ?? '', JSON.stringify(Object.entries(error)));
  }
  return parts.join('\n');
}

/** Everything that can be done with a session, one after the other, on a platform with given responses. */
async function exercise(
  witness: Witness,
  platform: Platform,
  credentials: Credentials,
  timeoutMs = 10_000,
): Promise<void> {
  const { logger } = witness;
  await using http = createHttpClient({ logger, timeoutMs, maxResponseBytes: 8_000 });
  const domains = createDomainResolver({ accountId: ACCOUNT, csdsDomain: platform.host, http, logger });
  const clock = createManualClock();
  const options = { accountId: ACCOUNT, credentials, domains, http, logger };
  await using manager = createSessionManager({ ...options, clock, renewSpacingMs: 0, logoutOnClose: true });
  manager.onChange((event) => witness.seen.push(event));
  const rest = createRestClient({ http, domains, sessions: manager, accountId: ACCOUNT });
  const call = {
    service: 'msgHist',
    method: 'POST',
    path: '/rest',
    body: { note: MARKER },
    headers: { 'x-note': MARKER },
  } as const;

  await witness.attempt(login(options));
  await witness.attempt(manager.session());
  await witness.attempt(rest.request(call));
  await witness.attempt(manager.refresh());
  await witness.attempt(manager.renew('test', manager.current ? { unless: manager.current } : {}));
  await witness.attempt(rest.request({ ...call, query: { q: MARKER } }));
  witness.seen.push(
    manager.status(),
    manager,
    manager.current,
    domains,
    http,
    await domains.all().catch(() => undefined),
  );
  await manager.close();
  witness.seen.push(manager.status());
}

/** Short only where nothing ever comes: elsewhere a busy machine must have its time. */
const timeoutFor = (failure: string): number => (failure === 'no response' ? 25 : 10_000);

let certificate: ServerCertificate;
beforeAll(async () => {
  certificate = await makeCertificate({ dns: 'other.example' });
});

describe.each(Object.entries(WAYS))('no secret is shown with %s', (_way, credentials) => {
  // verifies: readme:secrets
  it('when all goes well', async () => {
    using witness = new Witness();
    await using platform = await startPlatform();
    platform.on('/login', () => GOOD);
    platform.on('/rest', () => ({ body: { secret: MARKER } }));
    await exercise(witness, platform, credentials);
    expect(platform.seen.map((request) => `${request.headers.authorization} ${request.body}`).join()).toContain(MARKER);
    expect(witness.seen.length).toBeGreaterThan(10);
    expect(witness.text()).not.toContain(MARKER);
  });

  it.each(Object.entries(FAILURES))('when every call gets %s', async (failure, route) => {
    using witness = new Witness();
    await using platform = await startPlatform();
    for (const ending of ['/login', '/refresh', '/logout', '/rest']) platform.on(ending, route);
    await exercise(witness, platform, credentials, timeoutFor(failure));
    expect(witness.errors.length + witness.seen.length).toBeGreaterThan(10);
    expect(witness.text()).not.toContain(MARKER);
  });

  it.each(Object.entries(FAILURES))('when only what follows the login gets %s', async (failure, route) => {
    using witness = new Witness();
    await using platform = await startPlatform();
    platform.on('/login', () => GOOD);
    for (const ending of ['/refresh', '/logout', '/rest']) platform.on(ending, route);
    await exercise(witness, platform, credentials, timeoutFor(failure));
    expect(witness.text()).not.toContain(MARKER);
  });

  it('when the look-up quotes what it likes', async () => {
    for (const route of [
      echo(400),
      echo(500),
      echo(200),
      () => ({ body: { baseURIs: [{ service: 'agentVep', baseURI: `${MARKER}/@` }] } }),
    ]) {
      using witness = new Witness();
      await using platform = await startPlatform();
      platform.on('/baseURI.json', route);
      platform.on('/service/baseURI.json', route);
      await exercise(witness, platform, credentials);
      expect(witness.errors.length).toBeGreaterThan(0);
      expect(witness.text()).not.toContain(MARKER);
    }
  });

  it('when nothing can be reached or trusted', async () => {
    using witness = new Witness();
    await using platform = await startPlatform({ tls: certificate });
    await using http = createHttpClient({ tls: { ca: certificate.ca }, logger: witness.logger });
    const domains = createDomainResolver({
      accountId: ACCOUNT,
      csdsDomain: `https://${platform.host}`,
      http,
      domains: { agentVep: '127.0.0.1:1' },
    });
    await witness.attempt(domains.all());
    await witness.attempt(login({ accountId: ACCOUNT, credentials, domains, http, logger: witness.logger }));
    expect(witness.errors.length).toBeGreaterThan(0);
    expect(witness.text()).not.toContain(MARKER);
  });

  it('when a call is aborted or the client is closed under it', async () => {
    using witness = new Witness();
    await using platform = await startPlatform();
    platform.on('/login', () => () => undefined);
    await using http = createHttpClient({ logger: witness.logger });
    const domains = createDomainResolver({ accountId: ACCOUNT, csdsDomain: platform.host, http });
    const options = { accountId: ACCOUNT, credentials, domains, http, logger: witness.logger };
    const controller = new AbortController();
    controller.abort();
    await witness.attempt(login({ ...options, signal: controller.signal }));
    const manager = createSessionManager(options);
    const pending = witness.attempt(manager.session());
    await manager.close();
    await pending;
    expect(witness.errors.length).toBeGreaterThan(0);
    expect(witness.text()).not.toContain(MARKER);
  });
});

describe('no secret is shown', () => {
  // verifies: kept:credentials
  it('when credentials or the environment are wrong', () => {
    const inputs: unknown[] = [
      ...Object.values(WAYS).map((credentials) => ({ ...credentials, extra: MARKER, token: MARKER })),
      { username: MARKER },
      { token: `${MARKER} ${MARKER}`, userId: '1' },
      MARKER,
      [MARKER],
    ];
    for (const input of inputs) {
      const parsed = CredentialsSchema.safeParse(input);
      expect(parsed.success).toBe(false);
      expect(print(parsed.error)).not.toContain(MARKER);
    }
    const names = [
      'LP_ACCOUNT',
      'LP_USER',
      'LP_PASS',
      'LP_APP_KEY',
      'LP_SECRET',
      'LP_ACCESS_TOKEN',
      'LP_TOKEN',
      'LP_CSDS',
    ];
    for (const left of names) {
      const env = Object.fromEntries(names.filter((name) => name !== left).map((name) => [name, `${MARKER} x`]));
      let failure: unknown;
      try {
        credentialsFromEnv(env);
      } catch (error) {
        failure = error;
      }
      expect(failure).toBeDefined();
      expect(print(failure)).not.toContain(MARKER);
    }
  });

  it('when a provider gives a session that is not one', async () => {
    using witness = new Witness();
    await using platform = await startPlatform();
    await using http = createHttpClient();
    const domains = createDomainResolver({ accountId: ACCOUNT, csdsDomain: platform.host, http });
    const results: unknown[] = [
      MARKER,
      { bearer: `${MARKER} x`, userId: '1' },
      { bearer: MARKER },
      { bearer: MARKER, userId: '1', expiresAt: MARKER },
    ];
    for (const result of results) {
      const credentials = { provider: () => Promise.resolve(result as Session) };
      await witness.attempt(login({ accountId: ACCOUNT, credentials, domains, http, logger: witness.logger }));
    }
    expect(witness.errors).toHaveLength(results.length);
    expect(witness.text()).not.toContain(MARKER);
  });

  it('when a REST call cannot be signed', () => {
    const keys = { appKey: MARKER, secret: MARKER, accessToken: MARKER, accessTokenSecret: '' };
    const signings = [
      () => signOAuth1({ method: 'GET', url: `https://va.example/?t=${MARKER}` }, keys),
      () => signOAuth1({ method: 'GET', url: `${MARKER}` }, { ...keys, accessTokenSecret: MARKER }),
      () =>
        signOAuth1({ method: 'GET', url: `https://va.example/?${MARKER}=%ff` }, { ...keys, accessTokenSecret: MARKER }),
    ];
    for (const sign of signings) {
      let failure: unknown;
      try {
        sign();
      } catch (error) {
        failure = error;
      }
      expect(failure).toBeInstanceOf(LpError);
      expect(print(failure)).not.toContain(MARKER);
    }
  });
});
