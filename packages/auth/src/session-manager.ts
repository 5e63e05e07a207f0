import {
  AuthError,
  type Clock,
  type ClockTimer,
  ClosedError,
  ConfigError,
  type Logger,
  LpError,
  SessionExpiredError,
  systemClock,
} from '@lp/core';
import { diagnosticsChannel, guardLogger, sleep, toError } from '@lp/core/internal';
import { type Credentials, parseCredentials } from './credentials.ts';
import type { DomainResolver } from './domains.ts';
import { checkAccountId } from './hosts.ts';
import type { HttpClient } from './http.ts';
import { login, logout, refreshSession } from './login.ts';
import { noteLogin } from './same-login.ts';
import type { Session } from './session.ts';
import { SingleFlight } from './single-flight.ts';
import { nextUpkeep, validUntil } from './upkeep.ts';

export interface SessionManagerOptions {
  accountId: string;
  credentials: Credentials;
  domains: DomainResolver;
  http: HttpClient;
  /** How often the session is refreshed. Default 600,000; false = never. */
  refreshIntervalMs?: number | false | undefined;
  /** Logins are at least this far apart. Default 5,000, which is what the platform asks for. */
  renewSpacingMs?: number | undefined;
  clock?: Clock | undefined;
  logger?: Logger | undefined;
  /** In [0, 1); spreads the waits after failures. */
  random?: (() => number) | undefined;
  /** Whether `close()` also ends the session at the platform. Default false. */
  logoutOnClose?: boolean | undefined;
}

/** Something happened to the session. */
export interface SessionEvent {
  type: 'sessionRefreshed' | 'sessionRenewed' | 'sessionFailed';
  /** Milliseconds since the epoch. */
  at: number;
  /** Why the session was renewed, or what failed. */
  reason?: string;
  error?: LpError;
}

/** A snapshot of a session manager, without secrets. Times are milliseconds since the epoch. */
export interface SessionStatus {
  /** `idle`: no login yet. `failed`: refused for good, no call is made any more. */
  state: 'idle' | 'loggingIn' | 'active' | 'renewing' | 'failed' | 'closed';
  obtainedAt: number | undefined;
  tokenAgeMs: number | undefined;
  lastRefreshAt: number | undefined;
  nextUpkeepAt: number | undefined;
  expiresAt: number | undefined;
  logins: number;
  refreshes: number;
  /** Failures since the last success. */
  failures: number;
  lastError: { code: string; message: string; at: number } | undefined;
}

/** The one source of an account's current session, for the socket and for REST. */
export interface SessionManager extends AsyncDisposable {
  /**
   * The current session; logs in at the first call, and when the session has run out. Calls at the same time share one
   * login, which is aborted only when no caller waits any more. A refusal for good (wrong credentials, any 4xx but 429)
   * is remembered: later calls reject with it and nothing is sent.
   */
  session(options?: { signal?: AbortSignal | undefined }): Promise<Session>;
  readonly current: Session | undefined;
  /**
   * Logs in again and makes the result the current session; a socket that is open stays open. With `unless`, this
   * happens only while the current session is still that one: pass the session that was refused, so that a late caller
   * gets the fresh one instead of renewing it. Logins are spaced, and a `Retry-After` of the platform is waited for.
   * @throws SessionExpiredError with a bearer of your own, which nothing can renew.
   */
  renew(reason: string, options?: { signal?: AbortSignal | undefined; unless?: Session | undefined }): Promise<Session>;
  /** Refreshes now. A session the platform no longer knows is renewed instead. */
  refresh(): Promise<void>;
  /** Calls `listener` at once with each event; what it throws is logged. Returns the way to stop it. */
  onChange(listener: (event: SessionEvent) => void): () => void;
  status(): SessionStatus;
  /** Ends upkeep and every call under way with a ClosedError; logs out when asked, by the option or here. Never throws. */
  close(options?: { logout?: boolean | undefined }): Promise<void>;
}

const changes = diagnosticsChannel('lp:auth:session');
const LOGOUT_TIMEOUT_MS = 3_000;

/** Makes a {@link SessionManager}. Nothing is sent before the first call. Its timers do not keep the process alive. */
export function createSessionManager(options: SessionManagerOptions): SessionManager {
  return new Manager(options);
}

class Manager implements SessionManager {
  readonly #options: SessionManagerOptions;
  readonly #credentials: Credentials;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #listeners = new Set<(event: SessionEvent) => void>();
  readonly #logins = new SingleFlight<Session>();
  readonly #refreshes = new SingleFlight<void>();
  readonly #releaseLogin: () => void;
  readonly #spacingMs: number;
  readonly #counts = { logins: 0, refreshes: 0, failures: 0, attempts: 0 };
  #current: Session | undefined;
  #obtainedAt = 0;
  #lastGoodAt = 0;
  #lastRefreshAt: number | undefined;
  #gate: { since: number; ms: number } | undefined;
  #final: LpError | undefined;
  #lastError: SessionStatus['lastError'];
  #upkeep: { timer: ClockTimer; at: number } | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: SessionManagerOptions) {
    const { refreshIntervalMs = 600_000, renewSpacingMs = 5_000 } = options;
    checkAccountId(options.accountId);
    if (refreshIntervalMs !== false && !(refreshIntervalMs > 0)) {
      throw new ConfigError('refreshIntervalMs must be a number above 0, or false for never');
    }
    if (!(renewSpacingMs >= 0)) throw new ConfigError('renewSpacingMs must be a number of at least 0');
    this.#credentials = parseCredentials(options.credentials);
    this.#options = { ...options, refreshIntervalMs };
    this.#spacingMs = renewSpacingMs;
    this.#clock = options.clock ?? systemClock;
    this.#logger = guardLogger(options.logger);
    const { shared, release } = noteLogin(this, options.accountId, this.#credentials);
    this.#releaseLogin = release;
    if (shared) {
      this.#logger.warn(
        'another session manager of this process uses the same login: each login makes the token of the other invalid',
        { accountId: options.accountId },
      );
    }
  }

  get current(): Session | undefined {
    return this.#current;
  }

  async session({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<Session> {
    this.#checkUsable();
    signal?.throwIfAborted();
    // While a renewal is under way the current session is known to be bad.
    if (this.#current && !this.#logins.active && this.#clock.now() < validUntil(this.#facts(this.#current))) {
      return this.#current;
    }
    return this.#login(this.#current ? 'expired' : 'first use', signal);
  }

  async renew(
    reason: string,
    { signal, unless }: { signal?: AbortSignal | undefined; unless?: Session | undefined } = {},
  ): Promise<Session> {
    this.#checkUsable();
    signal?.throwIfAborted();
    if (unless && this.#current && this.#current !== unless && !this.#logins.active) return this.#current;
    return this.#login(reason, signal);
  }

  async refresh(): Promise<void> {
    this.#checkUsable();
    const session = this.#current;
    if (!session || this.#logins.active) {
      await this.session();
    } else if (session.csrf === undefined && this.#renewable) {
      await this.renew('refresh', { unless: session });
    } else {
      await this.#refreshes.run((signal) => this.#refreshOnce(session, signal));
    }
  }

  onChange(listener: (event: SessionEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  status(): SessionStatus {
    const session = this.#current;
    return {
      state: this.#state(),
      obtainedAt: session && this.#obtainedAt,
      tokenAgeMs: session && this.#clock.now() - this.#obtainedAt,
      lastRefreshAt: this.#lastRefreshAt,
      nextUpkeepAt: this.#upkeep?.at,
      expiresAt: session?.expiresAt === undefined ? undefined : validUntil(this.#facts(session)),
      logins: this.#counts.logins,
      refreshes: this.#counts.refreshes,
      failures: this.#counts.failures,
      lastError: this.#lastError && { ...this.#lastError },
    };
  }

  close({
    logout: asked = this.#options.logoutOnClose ?? false,
  }: {
    logout?: boolean | undefined;
  } = {}): Promise<void> {
    this.#closing ??= this.#close(asked);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #renewable(): boolean {
    return !('token' in this.#credentials);
  }

  #state(): SessionStatus['state'] {
    if (this.#closing) return 'closed';
    if (this.#final) return 'failed';
    if (this.#logins.active) return this.#current ? 'renewing' : 'loggingIn';
    return this.#current ? 'active' : 'idle';
  }

  #checkUsable(): void {
    if (this.#closing) throw closedError();
    if (this.#final) throw this.#final;
  }

  #facts(session: Session) {
    return { session, obtainedAt: this.#obtainedAt, lastGoodAt: this.#lastGoodAt };
  }

  #login(reason: string, signal: AbortSignal | undefined): Promise<Session> {
    const previous = this.#current;
    if (previous && !this.#renewable) {
      const error = new SessionExpiredError(
        'the platform no longer accepts the given token: get a new one and connect again with it',
        { context: { accountId: this.#options.accountId } },
      );
      this.#fail(reason, error);
      return Promise.reject(error);
    }
    return this.#logins.run((shared) => this.#loginOnce(reason, previous, shared), signal);
  }

  async #loginOnce(reason: string, previous: Session | undefined, signal: AbortSignal): Promise<Session> {
    const { accountId, domains, http } = this.#options;
    const waitMs = this.#gateMs();
    if (waitMs > 0) {
      this.#logger.info('waiting before the next login', { accountId, waitMs });
      await sleep(this.#clock, waitMs, { signal });
    }
    this.#gate = { since: this.#clock.now(), ms: this.#spacingMs };
    this.#counts.attempts++;
    let session: Session;
    try {
      session = await login({
        accountId,
        credentials: this.#credentials,
        domains,
        http,
        signal,
        reason: previous ? 'renewal' : 'first',
        attempt: this.#counts.attempts,
        clock: this.#clock,
        logger: this.#logger,
      });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw this.#loginFailed(reason, error);
    }
    // Nobody waits any more, or the manager was closed, while the answer was on its way.
    signal.throwIfAborted();
    this.#current = session;
    this.#obtainedAt = this.#lastGoodAt = this.#clock.now();
    this.#lastRefreshAt = undefined;
    this.#counts.logins++;
    this.#counts.attempts = this.#counts.failures = 0;
    if (previous) this.#emit({ type: 'sessionRenewed', at: this.#clock.now(), reason });
    this.#scheduleUpkeep();
    return session;
  }

  #loginFailed(reason: string, thrown: unknown): unknown {
    if (!LpError.isInstance(thrown) || thrown.code === 'CLOSED') return thrown;
    const retryAfterMs = Number(thrown.context['retryAfterMs'] ?? 0);
    if (retryAfterMs > this.#spacingMs) this.#gate = { since: this.#clock.now(), ms: retryAfterMs };
    if (!thrown.retryable) this.#stopFor(thrown);
    this.#fail(reason, thrown);
    return thrown;
  }

  /** How long the next login has to wait. Bounded by the gate's own length, whatever the clock of the machine does. */
  #gateMs(): number {
    if (!this.#gate) return 0;
    const { since, ms } = this.#gate;
    return Math.min(ms, Math.max(0, since + ms - this.#clock.now()));
  }

  async #refreshOnce(session: Session, signal: AbortSignal): Promise<void> {
    const { accountId, domains, http } = this.#options;
    try {
      await refreshSession({ accountId, session, domains, http, signal, clock: this.#clock, logger: this.#logger });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      // The session was replaced meanwhile: the answer is about one that nobody uses.
      if (this.#current !== session) return;
      if (SessionExpiredError.isInstance(error) && this.#renewable) {
        await this.renew('refresh answered 401', { signal, unless: session });
        return;
      }
      if (!LpError.isInstance(error) || error.code === 'CLOSED') throw error;
      if (error.context['status'] === 451) this.#stopFor(error);
      this.#fail('refresh', error);
      throw error;
    }
    if (this.#current !== session) return;
    this.#lastGoodAt = this.#lastRefreshAt = this.#clock.now();
    this.#counts.refreshes++;
    this.#counts.failures = 0;
    this.#emit({ type: 'sessionRefreshed', at: this.#lastGoodAt });
    this.#scheduleUpkeep();
  }

  #scheduleUpkeep(failed = false): void {
    this.#upkeep?.timer.cancel();
    this.#upkeep = undefined;
    if (!this.#current || this.#final || this.#closing) return;
    const now = this.#clock.now();
    const step = nextUpkeep(
      {
        ...this.#facts(this.#current),
        now,
        refreshIntervalMs: this.#options.refreshIntervalMs ?? false,
        renewable: this.#renewable,
        failures: failed ? Math.max(1, this.#counts.failures) : 0,
      },
      this.#options.random ?? Math.random,
    );
    if (!step) return;
    const timer = this.#clock.setTimer(() => void this.#upkeepStep(step.action), step.delayMs, { background: true });
    this.#upkeep = { timer, at: now + step.delayMs };
  }

  /** Never rejects: nobody waits for it. */
  async #upkeepStep(action: 'refresh' | 'renew'): Promise<void> {
    this.#upkeep = undefined;
    const session = this.#current;
    try {
      if (action === 'refresh') await this.refresh();
      else await this.renew('about to expire', { unless: session });
      // A success has scheduled the next step, unless a renewal by someone else made this one idle.
      if (!this.#upkeep) this.#scheduleUpkeep();
    } catch (error) {
      const retryable = LpError.isInstance(error) && error.retryable;
      this.#scheduleUpkeep(retryable);
    }
  }

  #stopFor(error: LpError): void {
    this.#final = error;
    this.#upkeep?.timer.cancel();
    this.#upkeep = undefined;
  }

  #fail(reason: string, error: LpError): void {
    const at = this.#clock.now();
    this.#counts.failures++;
    this.#lastError = { code: error.code, message: error.message, at };
    this.#logger.warn(`the session could not be kept: ${error.message}`, {
      accountId: this.#options.accountId,
      code: error.code,
      reason,
      retryable: error.retryable,
      failures: this.#counts.failures,
    });
    this.#emit({ type: 'sessionFailed', at, reason, error });
  }

  #emit(event: SessionEvent): void {
    if (changes.hasSubscribers) {
      const { error, ...facts } = event;
      changes.publish({ ...facts, accountId: this.#options.accountId, code: error?.code });
    }
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (thrown) {
        this.#logger.error('a listener of the session threw', { error: toError(thrown).name });
      }
    }
  }

  async #close(asked: boolean): Promise<void> {
    // The assignment in close() happens after the first await only.
    await Promise.resolve();
    this.#upkeep?.timer.cancel();
    this.#upkeep = undefined;
    this.#releaseLogin();
    this.#logins.abort(closedError());
    this.#refreshes.abort(closedError());
    const session = this.#current;
    this.#current = undefined;
    if (!asked || session?.csrf === undefined) return;
    const { accountId, domains, http } = this.#options;
    try {
      await logout({ accountId, session, domains, http, timeoutMs: LOGOUT_TIMEOUT_MS, clock: this.#clock });
    } catch (error) {
      this.#logger.warn('the logout failed; the session ends by itself', { accountId, code: codeOf(error) });
    }
  }
}

function closedError(): ClosedError {
  return new ClosedError('the session manager was closed');
}

function codeOf(error: unknown): string {
  return LpError.isInstance(error) ? error.code : 'UNKNOWN';
}
