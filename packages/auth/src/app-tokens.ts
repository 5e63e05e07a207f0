import {
  AuthError,
  type Clock,
  InvalidCredentialsError,
  type Logger,
  type LoggerOption,
  LpError,
  ProtocolError,
  systemClock,
} from '@lp/core';
import { guardLogger, isWithin, optionsChecker, retryAfterOf, summarizeIssues } from '@lp/core/internal';
import { type AppToken, lifetimeOf, ProtectedAppToken } from './app-token.ts';
import type { Authorization, Authorizer } from './authorizer.ts';
import type { DomainResolver } from './domain-types.ts';
import { checkAccountId } from './hosts.ts';
import type { HttpClient } from './http.ts';
import { LoginGate } from './login-gate.ts';
import { BLOCKED, type Refusal, readRefusal } from './rejections.ts';
import { AppTokenResponseSchema } from './schemas.ts';
import { SingleFlight } from './single-flight.ts';

/** Whose application it is, and how to reach its service. */
export interface AppTokensOptions {
  /** The account's id: 1 to 20 letters, digits or underscores. */
  accountId: string;
  /** As the application was given it. */
  clientId: string;
  /** As the application was given it. */
  clientSecret: string;
  /** Finds the hosts. */
  domains: DomainResolver;
  /** Makes the calls. */
  http: HttpClient;
  /** Version of the authorization server. 1 is for the Connector API only. Default 2. */
  version?: 1 | 2 | undefined;
  /** How REST calls carry the token: `Bearer {token}`, or the token alone, as the Connector API and the Messaging REST API want it. Default: `raw` for version 1, else `Bearer`. */
  scheme?: 'Bearer' | 'raw' | undefined;
  /** What the token is to allow. Default: what the server gives. */
  scope?: string | undefined;
  /** How long before its end a token is replaced, in milliseconds. Default 30,000, and never more than a tenth of its life. */
  renewEarlyMs?: number | undefined;
  /** Where time comes from. Default: the machine's clock. */
  clock?: Clock | undefined;
  /** Where log lines go; `false`: nowhere. Default: warnings and errors to stderr. */
  logger?: LoggerOption;
}

/** Tokens of an application for REST APIs, by OAuth 2.0 client credentials. They do not stand for a session: the agent's socket does not take them. */
export interface AppTokens extends Authorizer {
  /**
   * The current token. Asked for at the first call and again near its end, once for all who call meanwhile; there are no
   * timers. While no new one can be got, the present one is used to its end. An aborted call rejects with `signal.reason`.
   * @throws InvalidCredentialsError when the client is refused (for a minute, nothing is asked again); AuthError for every
   * other refusal, else as `login`.
   */
  token(options?: { signal?: AbortSignal | undefined }): Promise<AppToken>;
  /** A new token, unless another one than `unless` is current already. An aborted call rejects with `signal.reason`. */
  renew(options?: { signal?: AbortSignal | undefined; unless?: AppToken | undefined }): Promise<AppToken>;
}

const SERVICE = 'sentinel';
const RATE_LIMIT_MS = 5_000;
const REFUSED_MS = 60_000;

/**
 * Makes {@link AppTokens}, to be given to `createRestClient` as its `authorizer`. Nothing is sent before the first call.
 * @throws ConfigError for an option that is missing or malformed.
 */
export function createAppTokens(options: AppTokensOptions): AppTokens {
  return new SentinelTokens(options);
}

class SentinelTokens implements AppTokens {
  readonly #options: AppTokensOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #scheme: 'Bearer' | 'raw';
  readonly #gate: LoginGate;
  readonly #flight = new SingleFlight<ProtectedAppToken>();
  #current: ProtectedAppToken | undefined;
  #refused: { error: LpError; at: number } | undefined;

  constructor(options: AppTokensOptions) {
    const check = optionsChecker(options, 'createAppTokens');
    check.known(['accountId']);
    check.texts(['clientId', 'clientSecret'], { required: true });
    check.objects(['domains'], { methods: ['origin'], required: true });
    check.objects(['http'], { methods: ['request'], required: true });
    check.some(['version'], '1 or 2', (value) => value === 1 || value === 2);
    check.oneOf('scheme', ['Bearer', 'raw']);
    check.texts(['scope']);
    check.durations(['renewEarlyMs'], { zero: true });
    check.clocks(['clock']);
    check.loggers(['logger']);
    check.nothingElse();
    const { accountId, version = 2, scheme = version === 1 ? 'raw' : 'Bearer' } = options;
    checkAccountId(accountId);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = guardLogger(options.logger);
    this.#scheme = scheme;
    this.#gate = new LoginGate(this.#clock, 0);
  }

  async token(options: { signal?: AbortSignal | undefined } = {}): Promise<AppToken> {
    const check = optionsChecker(options, 'token');
    check.signals(['signal']);
    check.nothingElse();
    const { signal } = options;
    const now = this.#clock.now();
    if (this.#current?.isFresh(now, this.#options.renewEarlyMs ?? 30_000)) return this.#current;
    try {
      return await this.#ask(signal);
    } catch (error) {
      if (this.#current?.isAlive(this.#clock.now()) && LpError.isInstance(error) && error.retryable) {
        this.#logger.warn('no new application token was issued; the present one is used', { code: error.code });
        return this.#current;
      }
      throw error;
    }
  }

  async renew(options: NonNullable<Parameters<AppTokens['renew']>[0]> = {}): Promise<AppToken> {
    const check = optionsChecker(options, 'renew');
    check.signals(['signal']);
    check.objects(['unless']);
    check.nothingElse();
    const { signal, unless } = options;
    if (unless && this.#current && this.#current !== unless) return this.#current;
    return await this.#ask(signal);
  }

  async authorize(...[, { signal }]: Parameters<Authorizer['authorize']>): Promise<Authorization> {
    const current = await this.token({ signal });
    return {
      header: this.#scheme === 'raw' ? current.token : `Bearer ${current.token}`,
      source: current,
      renew: async (_reason, options) => void (await this.renew({ signal: options.signal, unless: current })),
    };
  }

  #ask(signal: AbortSignal | undefined): Promise<ProtectedAppToken> {
    return this.#flight.run((shared) => this.#askOnce(shared), signal);
  }

  async #askOnce(signal: AbortSignal): Promise<ProtectedAppToken> {
    if (this.#refused && isWithin(this.#refused.at, REFUSED_MS, this.#clock.now())) throw this.#refused.error;
    await this.#gate.pass(signal);
    try {
      this.#current = await this.#request(signal);
      this.#refused = undefined;
      return this.#current;
    } catch (error) {
      if (AuthError.isInstance(error)) {
        this.#gate.hold(Math.max(retryAfterOf(error), error.context['status'] === 429 ? RATE_LIMIT_MS : 0));
        if (!error.retryable) this.#refused = { error, at: this.#clock.now() };
      }
      throw error;
    }
  }

  async #request(signal: AbortSignal): Promise<ProtectedAppToken> {
    const { accountId, clientId, clientSecret, domains, http, scope, version = 2 } = this.#options;
    const origin = await domains.origin(SERVICE, { signal });
    const startedAt = this.#clock.now();
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      ...(scope === undefined ? {} : { scope }),
    });
    const response = await http.request({
      method: 'POST',
      origin,
      path: `/sentinel/api/${version === 2 ? 'v2/' : ''}account/${accountId}/app/token`,
      query: version === 1 ? { v: '1.0' } : {},
      headers: { accept: 'application/json' },
      body: { raw: new TextEncoder().encode(form.toString()), contentType: 'application/x-www-form-urlencoded' },
      signal,
      service: SERVICE,
      idempotent: true,
    });
    const { host } = new URL(origin);
    const refusal = readRefusal(response, startedAt);
    if (refusal) throw refusalError(refusal, host, accountId);
    const parsed = AppTokenResponseSchema.safeParse(response.json());
    if (!parsed.success) {
      throw new ProtocolError(
        `the authorization server ${host} responded without a token: ${summarizeIssues(parsed.error)}`,
        { retryable: true, context: { host } },
      );
    }
    const { access_token: token, expires_in: expiresIn } = parsed.data;
    this.#logger.info('got an application token', {
      /** The account's id: 1 to 20 letters, digits or underscores. */
      accountId,
      host,
    });
    const lifetimeMs = lifetimeOf(token, expiresIn, response.headers['date'], startedAt);
    return new ProtectedAppToken(token, startedAt, lifetimeMs);
  }
}

function refusalError({ status, text, retryable, context }: Refusal, host: string, accountId: string): LpError {
  const options = { retryable, context: { host, ...context } };
  if (/unauthorized_client|unsupported_grant_type/i.test(text)) {
    return new AuthError(
      `the authorization server ${host} does not give this application tokens: have it installed on account ${accountId} with the grant client_credentials`,
      { ...options, retryable: false },
    );
  }
  if (/invalid_scope/i.test(text)) {
    const wrongScope = `the authorization server ${host} does not know the scope, or the application may not have it`;
    return new AuthError(wrongScope, { ...options, retryable: false });
  }
  if (status === 401 || /invalid_client/i.test(text)) {
    return new InvalidCredentialsError(
      `the authorization server ${host} refused the client: check clientId and clientSecret, and that the application is installed on account ${accountId}`,
      { ...options, retryable: false },
    );
  }
  if (status === 451) return new AuthError(BLOCKED, options);
  if (status === 404) {
    return new AuthError(`there is no authorization server for account ${accountId} at ${host} (404)`, options);
  }
  return new AuthError(`the authorization server ${host} refused the token (${status})`, options);
}
