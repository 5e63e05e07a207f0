import {
  AuthError,
  type Clock,
  ConfigError,
  FencedError,
  type Logger,
  LpError,
  ProtocolError,
  SessionExpiredError,
  systemClock,
} from '@lp/core';
import { abortable, guardLogger, summarizeIssues, toError } from '@lp/core/internal';
import { isBrowser } from '#platform';
import { CookieJar } from './cookies.ts';
import {
  type BearerCredentials,
  type Credentials,
  type ProviderContext,
  parseCredentials,
  type SessionCredentials,
} from './credentials.ts';
import type { HttpRequest } from './http-request.ts';
import type { HttpResponse } from './http-response.ts';
import { loginError } from './login-errors.ts';
import {
  type AuthCallOptions,
  checkLogin,
  checkSessionCall,
  type LoginOptions,
  type SessionCallOptions,
} from './login-options.ts';
import { BLOCKED, readRefusal } from './rejections.ts';
import { LoginResponseSchema } from './schemas.ts';
import { ProtectedSession, protectSession, type Session } from './session.ts';

const NO_LOGIN_IN_A_PAGE =
  'a page cannot log in by itself, as everybody who opens it could read the password or secret: have a server log in, and give the page a token, a session, or a provider that asks the server';

/** Service that logs agents in. */
const SERVICE = 'agentVep';

/**
 * Logs in once and gives the session. With a bearer or a session of your own nothing is sent; its `userId` is empty when
 * it was not given.
 *
 * @throws ConfigError for an option that is wrong, unknown or missing; in a page, for credentials that are neither a token,
 * a session nor a provider.
 * @throws InvalidCredentialsError when the platform refused the credentials; the message says what to check.
 * @throws AuthError for every other refusal; `retryable` for 429 and 5xx, with `context.retryAfterMs` where it is known.
 * @throws DomainLookupError when the login host is not known, NotConnectedError and RequestTimeoutError (both retryable)
 *   when it is not reached, ProtocolError when its response is not understood. An aborted call rejects with `signal.reason`.
 */
export async function login(options: LoginOptions): Promise<Session> {
  checkLogin(options);
  const credentials = parseCredentials(options.credentials);
  options.signal?.throwIfAborted();
  if ('token' in credentials) return fromToken(credentials);
  if ('provider' in credentials) return fromProvider(credentials.provider, options);
  if (isBrowser) throw new ConfigError(NO_LOGIN_IN_A_PAGE);
  return fromPlatform(credentials, options);
}

/**
 * Keeps a session alive at the platform, which sends no new token.
 *
 * @throws ConfigError for an option that is wrong, unknown or missing.
 * @throws SessionExpiredError when the platform no longer knows the session (401): log in again.
 * @throws AuthError for every other refusal, and for a session without `csrf`; else as {@link login}.
 */
export async function refreshSession(options: SessionCallOptions): Promise<void> {
  checkSessionCall('refreshSession', options);
  await callWithSession('refresh', options);
}

/** Ends a session at the platform, so that its bearer is no longer accepted. Throws as {@link refreshSession} does. */
export async function logout(options: SessionCallOptions): Promise<void> {
  checkSessionCall('logout', options);
  await callWithSession('logout', options);
}

/** Logs out and gives that `timeoutMs`; a failure is only logged. */
export async function logoutWithin(
  timeoutMs: number,
  options: SessionCallOptions & { clock: Clock; logger: Logger },
): Promise<void> {
  const controller = new AbortController();
  const timer = options.clock.setTimer(() => controller.abort(), timeoutMs);
  try {
    await logout({ ...options, signal: controller.signal });
  } catch (error) {
    const code = LpError.isInstance(error) ? error.code : 'TIMEOUT';
    const { accountId } = options;
    options.logger.warn('the logout failed; the session runs out by itself', { accountId, code });
  } finally {
    timer.cancel();
  }
}

/** The credentials that the login service takes. */
type LoginCredentials = Exclude<Credentials, { token: string } | { provider: unknown }>;

function fromToken(given: SessionCredentials | BearerCredentials): Session {
  const { token, userId = '', userPid } = given;
  const fields = { bearer: token, userId, agentId: userPid };
  if (!('csrf' in given)) return new ProtectedSession(fields);
  const jar = new CookieJar();
  jar.set('session_id', given.sessionId);
  return new ProtectedSession({ ...fields, csrf: given.csrf }, jar);
}

/** What is sent to log in. The platform wants the placeholders, though nothing is to be said by them. */
function loginBody(credentials: LoginCredentials): Readonly<Record<string, string>> {
  if ('assertion' in credentials) return { jwt: 'dummy', assertion: credentials.assertion };
  if (!('clientId' in credentials)) return { ...credentials };
  const { username, clientId, clientSecret } = credentials;
  return { username, appKey: clientId, secret: clientSecret, accessToken: 'dummy', accessTokenSecret: 'dummy' };
}

async function fromPlatform(credentials: LoginCredentials, options: LoginOptions): Promise<Session> {
  const clock = options.clock ?? systemClock;
  const { response, host } = await post('login', loginBody(credentials), {}, options);
  const refusal = readRefusal(response, clock.now());
  if (refusal) throw loginError(refusal, host, credentials);
  const parsed = LoginResponseSchema.safeParse(response.json(), { jitless: true });
  if (!parsed.success) {
    throw new ProtocolError(
      `the login service ${host} responded without what a session needs: ${summarizeIssues(parsed.error)}`,
      { retryable: true, context: { host } },
    );
  }
  const { bearer, csrf, config, sessionId, sessionTTl } = parsed.data;
  const jar = new CookieJar();
  await jar.take(response.headers);
  if (sessionId && !jar.has('session_id')) jar.set('session_id', sessionId);
  const ttlMs = Number(sessionTTl ?? 0);
  guardLogger(options.logger).info('logged in', { accountId: options.accountId, host });
  return new ProtectedSession(
    {
      bearer,
      csrf: csrf ?? undefined,
      userId: config.userId,
      agentId: config.userPid ?? undefined,
      loginName: config.loginName ?? undefined,
      expiresAt: ttlMs > 0 ? clock.now() + ttlMs : undefined,
    },
    jar,
  );
}

async function fromProvider(
  provider: (context: ProviderContext) => Promise<Session>,
  { accountId, domains, signal = new AbortController().signal, reason = 'first', attempt = 1, clock }: LoginOptions,
): Promise<Session> {
  let session: Session;
  try {
    session = await abortable(Promise.resolve(provider({ accountId, reason, signal, domains, attempt })), signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw isDecision(error) ? error : providerFailure(error);
  }
  const protectedSession = protectSession(session);
  if ((protectedSession.expiresAt ?? Infinity) <= (clock ?? systemClock).now()) {
    throw new AuthError('the credentials provider gave a session that has expired already', { retryable: true });
  }
  return protectedSession;
}

/** Whether a provider says itself whether it may be asked again. What became of a request of its own says nothing of that. */
function isDecision(error: unknown): boolean {
  return (
    LpError.isInstance(error) &&
    (error.retryable || AuthError.isInstance(error) || ConfigError.isInstance(error) || FencedError.isInstance(error))
  );
}

function providerFailure(cause: unknown): AuthError {
  const message = 'the credentials provider failed';
  if (!LpError.isInstance(cause)) return new AuthError(message, { cause: toError(cause), retryable: true });
  return new AuthError(`${message}: ${cause.message}`, { cause, context: cause.context, retryable: true });
}

async function callWithSession(call: 'refresh' | 'logout', options: SessionCallOptions): Promise<void> {
  const { session } = options;
  const { csrf, cookies } = session;
  if (csrf === undefined)
    throw new AuthError(`${call} needs a session with a csrf, which a login of the platform gives`);
  const { response, host } = await post(call, { csrf }, cookies === undefined ? {} : { cookie: cookies }, options);
  if (session instanceof ProtectedSession) await session.takeCookies(response.headers);
  const refusal = readRefusal(response, (options.clock ?? systemClock).now());
  if (!refusal) return;
  const details = { retryable: refusal.retryable, context: { host, ...refusal.context } };
  if (refusal.status === 401)
    throw new SessionExpiredError(`the platform no longer knows the session (${call} responded with 401)`, details);
  throw new AuthError(
    refusal.status === 451 ? BLOCKED : `the login service ${host} refused the ${call} (${refusal.status})`,
    details,
  );
}

async function post(
  call: 'login' | 'refresh' | 'logout',
  body: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
  { accountId, domains, http, signal, timeoutMs }: AuthCallOptions,
): Promise<{ response: HttpResponse; host: string }> {
  const origin = await domains.origin(SERVICE, { signal });
  const request: HttpRequest = {
    method: 'POST',
    origin,
    path: `/api/account/${accountId}/${call}`,
    query: call === 'login' ? { v: '1.3' } : {},
    headers,
    body,
    signal,
    timeoutMs,
    service: SERVICE,
    // A login, refresh or logout whose response was lost is simply done again.
    idempotent: true,
  };
  return { response: await http.request(request), host: new URL(origin).host };
}
